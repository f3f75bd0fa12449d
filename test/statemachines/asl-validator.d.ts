declare module "asl-validator" {
  type Verdict = { isValid: boolean; errorsText(separator?: string): string };
  const validate: (definition: unknown, options?: { checkPaths?: boolean; checkArn?: boolean }) => Promise<Verdict>;
  export default validate;
}
