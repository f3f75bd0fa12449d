/** Bounds (invariant 9). Seconds unless the name says otherwise. */
export const limits = {
  /** Longest time that one Lambda may still work after its execution has ended: the largest function timeout plus a margin. */
  longestStepSeconds: 90,
  /** Every function as it is deployed; each Task of the machines waits longer, and no longer than `longestStepSeconds`. */
  functionSeconds: 60,
  functionMemoryMiB: 512,
  /** One attempt of any AWS call; a call to the source on the recovery path. */
  callSeconds: 10,
  optionalCallSeconds: 3,
  /** Concurrent snapshot copies per destination Region, the quota, which AWS Support alone raises; two stay free while others copy, too. [EBS:ebs-copy-snapshot, GR:ebs-service] */
  copySlots: 20,
  copySlotsShared: 18,
  /** Half of the burst of the EC2 token bucket of CreateSnapshots (100) and of other mutating calls (50). [EC2dev:ec2-api-throttling] */
  createSnapshotsPerPass: 50,
  deletesPerPass: 50,
  mutatingCallsPerPass: 25,
  /** No batch of calls starts another one later than this in an invocation: the last must end within the function's timeout. */
  startingSeconds: 35,
  /** How long one server may wait for capacity, or for its image, before the wave goes on without it. */
  launchSeconds: 900,
  /** The same while EC2 verifies the account, which it does for the first launches in a Region: "up to 4 hours", as its message says. */
  verificationSeconds: 14_400,
  /** How long passing errors (throttles, 5xx, time-outs) may go on in one step, or with one server, before it is given up. */
  passingSeconds: 900,
  /** How long `close` goes on trying to tell of a run that nobody has heard of. */
  untoldSeconds: 86_400,
  /** How long a server may take to shut down before it is stopped by force. EC2 itself does that after "a few minutes". [EC2:how-ec2-instance-stop-start-works] */
  shutdownSeconds: 120,
  /** How long a fence waits for a source that does not answer (`required`), or for what hangs as it stops (`best-effort`). */
  fenceSeconds: 300,
  /** Passes over the waves of one run, the machine's bound, and the longest wait between two. */
  wavePasses: 540,
  /** Looks of all gates of a run, and at the traffic after the last one: the machine's bounds. */
  gateLooks: 200,
  trafficLooks: 150,
  /** Events of a failover that meets no error, so that its retries, three events each, have room in the 25,000. [SFN:service-quotas] */
  historyEvents: 10_000,
  waveWaitSecondsMax: 600,
  /** Payload of a state of a failover: a quarter of what Step Functions takes. [SFN:service-quotas] */
  payloadBytes: 65_536,
  /** A list or map in the result of one step, and the longest sentence; whole errors have room for four of these. */
  listBytes: 8_192,
  sentenceCharacters: 2_000,
  pollSecondsMin: 3,
  pollSecondsMax: 60,
} as const;
