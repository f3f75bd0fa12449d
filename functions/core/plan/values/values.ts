import * as z from "zod/mini";
import { isTimeZone } from "../../clock/time-zone.ts";
import type { scheduleOf } from "./schedule.ts";

/**
 * The words that a plan is made of. Each carries the phrase that follows "expected" in a message; the same phrase is
 * its description in the JSON Schema.
 */
export const text = (expected: string, pattern: RegExp) =>
  z
    .string({ error: expected })
    .check(z.regex(pattern, { error: expected }))
    .register(z.globalRegistry, { description: expected });

export const whole = (minimum: number, maximum: number) => {
  const error = `a whole number from ${minimum} to ${maximum}`;
  return z
    .number({ error })
    .check(z.int({ error }), z.minimum(minimum, { error }), z.maximum(maximum, { error }))
    .register(z.globalRegistry, { description: error });
};

export const flag = () => z.boolean({ error: "true or false" });

export const choice = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: values.length === 1 ? `${values[0]}` : `one of ${values.join(", ")}` });

export const list = <T extends z.core.SomeType>(of: T, what: string, minimum = 0, maximum = 100) => {
  const count = minimum === maximum ? "" : minimum ? `${minimum} to ` : "at most ";
  const error = `a list of ${count}${maximum} ${what}`;
  return z.array(of, { error }).check(z.minLength(minimum, { error }), z.maxLength(maximum, { error }));
};

/** A map whose unknown keys are errors. The error of such a key is the list of the allowed ones: plan-problems reads it. */
export const map = <T extends z.core.$ZodShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? Object.keys(shape).join(",")
        : `a map with the keys ${Object.keys(shape).join(", ")}`,
  });

/** `{ <key>: value }` with free keys. */
export const record = <K extends z.core.$ZodRecordKey, V extends z.core.SomeType>(key: K, value: V, what: string) =>
  z.record(key, value, { error: `a map of ${what}` });

/** Seconds of a duration such as 30s, 15m, 1h or 7d. */
export const secondsOf = (duration: string) => {
  const unit = { s: 1, m: 60, h: 3_600, d: 86_400 }[duration.at(-1) ?? ""] ?? Number.NaN;
  return Number(duration.slice(0, -1)) * unit;
};

/** @param longest in the same form, as is `shortest`; checked together with the form. */
export const duration = (longest = "3660d", shortest = "1s") => {
  const form = "a duration such as 30s, 15m, 1h or 7d";
  const error = shortest === "1s" ? `${form}, at most ${longest}` : `a duration from ${shortest} to ${longest}`;
  const fits = (seconds: number) => seconds >= secondsOf(shortest) && seconds <= secondsOf(longest);
  return text(form, /^[1-9]\d{0,6}[smhd]$/).check(z.refine((value) => fits(secondsOf(value)), { error }));
};
export const durationOrZero = (longest = "99999d") => {
  const form = "a duration such as 0d, 30s, 15m, 1h or 7d";
  const error = `${form}, at most ${longest}`;
  return text(form, /^(0|[1-9]\d{0,4})[smhd]$/).check(
    z.refine((value) => secondsOf(value) <= secondsOf(longest), { error }),
  );
};

const daySeconds = 86_400;
const lockDaysMax = 36_500;
/** How long a snapshot may be locked: EC2 counts in days. [SDK EC2: LockSnapshotRequest] */
export const wholeDays = () => {
  const form = `a duration of whole days such as 0d or 7d, at most ${lockDaysMax}d`;
  const fits = (seconds: number) => seconds % daySeconds === 0 && seconds <= lockDaysMax * daySeconds;
  return text(form, /^(0|[1-9]\d{0,6})[smhd]$/).check(z.refine((value) => fits(secondsOf(value)), { error: form }));
};

const directions = "(north|south|central|northeast|northwest|southeast|southwest|east|west)";
const regionForm = `(af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov)-${directions}-[1-9]`;
export const name = text(
  "a name of lower-case letters, digits and hyphens, at most 32, beginning with a letter",
  /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/,
);
export const region = text("the name of a Region such as eu-west-1", new RegExp(`^${regionForm}$`));
export const zone = text(
  "an Availability Zone such as eu-central-1a",
  new RegExp(`^${regionForm}(-[a-z]{3}-[1-9][0-9]?)?[a-z]$`),
);
export const subnet = text("a subnet id such as subnet-0abc", /^subnet-[0-9a-z]{1,32}$/);
export const securityGroup = text("a security group id such as sg-0abc", /^sg-[0-9a-z]{1,32}$/);
export const elasticIp = text("an allocation id of an Elastic IP such as eipalloc-0abc", /^eipalloc-[0-9a-z]{1,32}$/);
export const instanceType = text(
  "`same` or an instance type such as m6i.large",
  /^(same|[a-z][a-z0-9-]*\.[a-z0-9-]+)$/,
);
export const instanceProfile = text("`same` or the name of an instance profile", /^[\w+=,.@-]{1,128}$/);
export const device = text("a device name such as /dev/sdf", /^(\/dev\/)?[a-z][a-z0-9/]{1,30}$/);
export const anyText = (what: string) => text(`${what} (in quotes when it looks like a number)`, /^[^\p{Cc}]{0,256}$/u);
export const nonEmpty = (what: string) => text(what, /^[^\p{Cc}]{1,256}$/u);
const ownTagKey = text(
  "the key of a tag, not beginning with aws: or lifeboat:",
  /^(?![aA][wW][sS]:|lifeboat:)[^\p{Cc}]{1,128}$/u,
);
/** A resource takes 50 tags; ours and those that AWS keeps for itself are ten. [EC2: Using_Tags] */
const ownTagsMax = 40;
export const ownTags = () =>
  record(ownTagKey, anyText("the value of a tag"), "tag keys to values").check(
    z.refine((tags) => Object.keys(tags).length <= ownTagsMax, { error: `at most ${ownTagsMax} tags` }),
  );
export const timeZone = text("a time zone such as Europe/Berlin, or UTC", /^[A-Za-z][\w+/-]{0,63}$/).check(
  z.refine(isTimeZone, { error: "a time zone such as Europe/Berlin, or UTC" }),
);
export const percent = text("a percentage from 1% to 100%", /^([1-9][0-9]?|100)%$/);

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4Form = new RegExp(`^${octet}(\\.${octet}){3}$`);
export const ipv4 = text("an IPv4 address such as 10.1.2.3", ipv4Form);
export const isIpv4 = (value: string) => ipv4Form.test(value);
export const isIpv6 = (value: string) => z.safeParse(z.ipv6(), value).success;

const label = "(?!-)[A-Za-z0-9_-]{1,63}(?<!-)";
const hostForm = new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*\\.?$`);
/** Digits and dots only is an address, or a mistyped one. */
export const isHostName = (value: string) => hostForm.test(value) && !/^[\d.]+$/.test(value);
export const recordName = text(
  "a DNS name such as shop.example.com",
  /^(?=.{1,254}$)(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]*\.?$/,
);
export const hostedZone = text("a hosted zone id such as Z0123456789ABCDEFGHIJ", /^Z[0-9A-Z]{1,31}$/);
const uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
export const healthCheck = text("`create` or the id of a health check", new RegExp(`^(create|${uuid})$`));
export const healthCheckId = text(
  "the id of a Route 53 health check such as 11111111-2222-3333-4444-555555555555",
  new RegExp(`^${uuid}$`),
);
export const setIdentifier = text("a set identifier of 1 to 128 characters", /^[^\p{Cc}]{1,128}$/u);
/** ARNs of ARC have no Region. [SDK route53-recovery-cluster: RoutingControlArn] */
export const routingControl = text(
  "the ARN of a routing control",
  /^arn:aws[a-z-]*:route53-recovery-control::[0-9]{12}:controlpanel\/[A-Za-z0-9_-]{1,64}\/routingcontrol\/[A-Za-z0-9_-]{1,64}$/,
);

const urlForm = "a URL without a password, such as https://shop.example.com/healthz or tcp://192.0.2.10:5432";
export const url = text(urlForm, /^(https?:\/\/[^\s/?#@]+([/?][^\s]*)?|tcp:\/\/[^\s/?#@]+:[1-9]\d{0,4})$/).check(
  z.refine((given) => URL.canParse(given), { error: urlForm }),
);
export const httpsUrl = text("a URL that begins with https://", /^https:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/).check(
  z.refine((given) => URL.canParse(given), { error: "a URL that begins with https://" }),
);
const ipOrHostError = { error: "an IP address or a host name" };
export const ipOrHost = z
  .string(ipOrHostError)
  .check(z.refine((given) => isIpv4(given) || isIpv6(given) || isHostName(given), ipOrHostError));

/** A schedule that `read` understands; its reason is what the message expects. */
export const scheduled = (read: typeof scheduleOf) =>
  anyText("a schedule").check(
    z.refine((text) => read(text).ok, {
      error: ({ input }) => {
        const schedule = read(String(input));
        return schedule.ok ? "a schedule" : schedule.because;
      },
    }),
  );

const arn = (service: string, rest: string) =>
  new RegExp(`^arn:aws[a-z-]*:${service}:${regionForm}:[0-9]{12}:${rest}$`);
export const targetGroup = text(
  "the ARN of a target group",
  arn("elasticloadbalancing", "targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}"),
);
export const topic = text("the ARN of an SNS topic", arn("sns", "[A-Za-z0-9_-]{1,256}"));
export const ssmDocument = text(
  "the name of an SSM document such as shop-freeze, or its ARN",
  new RegExp(`^(arn:aws[a-z-]*:ssm:${regionForm}:([0-9]{12})?:document/)?[\\w.-]{3,128}$`),
);
const portError = { error: "a port from 1 to 65535" };
const isPort = (given: string) => Number.parseInt(given.slice(1), 10) < 65_536;
export const page = text("a port and a path such as :8080/healthz", /^:[1-9]\d{0,4}(\/\S*)?$/).check(
  z.refine(isPort, portError),
);
export const port = text("a port such as :5432", /^:[1-9]\d{0,4}$/).check(z.refine(isPort, portError));
export const capacityReservation = text(
  "open, none, only, the id of a capacity reservation such as cr-0abc, or the ARN of a group of them",
  new RegExp(
    `^(open|none|only|cr-[0-9a-f]{1,32}|arn:aws[a-z-]*:resource-groups:${regionForm}:[0-9]{12}:group/[\\w.-]{1,300})$`,
  ),
);
const keyId = `(key/)?(mrk-[0-9a-f]{32}|${uuid})`;
const alias = "alias/[A-Za-z0-9/_-]{1,250}";
export const key = text(
  "a KMS key: alias/NAME, a key id, or an ARN",
  new RegExp(`^(${keyId}|${alias}|arn:aws[a-z-]*:kms:${regionForm}:[0-9]{12}:(${keyId}|${alias}))$`),
);

/** The Region in an ARN, or null when the text is no ARN. */
export const regionOfArn = (value: string) => (value.startsWith("arn:") ? (value.split(":")[3] ?? null) : null);
/** The Region of an Availability Zone, a Local Zone included. */
export const regionOfZone = (value: string) => new RegExp(`^${regionForm}`).exec(value)?.[0] ?? null;
