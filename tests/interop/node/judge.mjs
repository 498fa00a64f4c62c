// A service provider of others: node-saml, with both signatures required. One question a line of JSON, one answer a line.
import { createInterface } from "node:readline";
import { SAML } from "@node-saml/node-saml";

const RealDate = Date;

function stopClock(at) {
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length ? given : [at]));
    }
    static now() {
      return at;
    }
  };
}

async function judge({ response, certificate, identifier, replyUrl, at }) {
  stopClock(at);
  const saml = new SAML({
    idpCert: certificate,
    issuer: identifier,
    audience: identifier,
    callbackUrl: replyUrl,
    wantAuthnResponseSigned: true,
    wantAssertionsSigned: true,
    acceptedClockSkewMs: 180_000,
    disableRequestedAuthnContext: true,
  });
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
  return { accepted: profile !== null, said: "", nameId: profile?.nameID, attributes: profile?.attributes ?? {} };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await judge(JSON.parse(line));
  } catch (error) {
    answer = { accepted: false, said: String(error.message ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
