import { request } from "node:http";

/** Opens an address of Lambda at the gateway, which knows it by its host; with a form, posts that. */
export const ask = (gateway: number, link: string, form?: URLSearchParams) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { host, pathname } = new URL(link);
    const headers = { host, ...(form && { "content-type": "application/x-www-form-urlencoded" }) };
    const to = {
      host: "127.0.0.1",
      port: gateway,
      path: pathname,
      method: form ? "POST" : "GET",
      headers,
      agent: false,
    };
    const asking = request(to, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asking.on("error", reject);
    asking.end(form?.toString());
  });
