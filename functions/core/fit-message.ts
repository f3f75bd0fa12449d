/** SNS takes 262,144 bytes of a message and wraps it for some subscribers: a fifth stays free. [SDK SNS: Publish] */
const messageBytesMax = 200 * 1_024;
/** Of the end of a message, bytes: there stand the link to the whole of it, or how and until when to answer. */
const tailBytesMax = 2_048;
const subjectLengthMax = 100;

/** A text that SNS takes: of one that is too long whole lines in the middle are left out, and it says so in their place. */
export const fitText = (text: string): string => {
  const bytes = Buffer.from(text);
  if (bytes.length <= messageBytesMax) return text;
  const cut = `\n\n(${bytes.length - messageBytesMax} bytes and more are left out here: a message holds ${messageBytesMax}.)\n\n`;
  const tail = wholeLines(bytes.subarray(-tailBytesMax), "first");
  const head = wholeLines(bytes.subarray(0, messageBytesMax - tailBytesMax - Buffer.byteLength(cut)), "last");
  return head + cut + tail;
};

/** A subject that SNS takes: at most 100 characters of printable ASCII, the first one no space. [SDK SNS: Publish] */
export const fitSubject = (subject: string): string =>
  subject
    .replace(/[^\x20-\x7e]+/g, " ")
    .trimStart()
    .slice(0, subjectLengthMax) || "Lifeboat";

/** Without the line that the cut went through, if there is another; a letter that it went through goes in any case. */
const wholeLines = (bytes: Buffer, torn: "first" | "last") => {
  const text = bytes.toString();
  const at = torn === "first" ? text.indexOf("\n") + 1 : text.lastIndexOf("\n");
  if (torn === "first") return (at > 0 ? text.slice(at) : text).replace(/^\uFFFD+/, "");
  return (at > 0 ? text.slice(0, at) : text).replace(/\uFFFD+$/, "");
};
