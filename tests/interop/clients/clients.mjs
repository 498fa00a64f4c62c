// One act of one library, named on the command line; its outcome is one line of JSON.
import https from "https";
import { ClientSecretCredential, DeviceCodeCredential } from "@azure/identity";
import { ConfidentialClientApplication, PublicClientApplication } from "@azure/msal-node";
import twilio from "twilio";

const given = JSON.parse(process.argv[3]);
const GRAPH = "https://graph.microsoft.com";

const send = (method, url, headers, body) =>
  new Promise((resolve, reject) => {
    const request = https.request(url, { method, headers }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    request.on("error", reject);
    request.end(body);
  });

// What a person does with the code that they are shown.
const person = (user) => async (shown) => {
  const page = shown.verificationUri;
  const form = new URLSearchParams({ code: shown.userCode, user }).toString();
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const answer = await send("POST", page, headers, form);
  if (!answer.text.includes("You have signed in")) throw new Error(answer.text);
};

const read = async (token, path) => {
  const answer = await send("GET", GRAPH + path, { Authorization: `Bearer ${token}` });
  return { status: answer.status, body: JSON.parse(answer.text) };
};

const acts = {
  async identitySecret() {
    const credential = new ClientSecretCredential(given.tenant, given.client, given.secret);
    return read((await credential.getToken(`${GRAPH}/.default`)).token, given.path);
  },
  async identityDevice() {
    const credential = new DeviceCodeCredential({
      tenantId: given.tenant,
      clientId: given.client,
      userPromptCallback: (shown) => void person(given.user)(shown),
    });
    return read((await credential.getToken(given.scope)).token, given.path);
  },
  async msalDevice() {
    const authority = `https://login.microsoftonline.com/${given.tenant}`;
    const application = new PublicClientApplication({ auth: { clientId: given.client, authority } });
    const prompt = person(given.user);
    const result = await application.acquireTokenByDeviceCode({
      scopes: [given.scope],
      deviceCodeCallback: (shown) => void prompt(shown),
    });
    const again = await application.acquireTokenSilent({ account: result.account, scopes: [given.scope] });
    return { ...(await read(again.accessToken, given.path)), username: result.account.username };
  },
  async msalSecret() {
    const authority = `https://login.microsoftonline.com/${given.tenant}`;
    const auth = { clientId: given.client, clientSecret: given.secret, authority };
    const application = new ConfidentialClientApplication({ auth });
    const result = await application.acquireTokenByClientCredential({ scopes: [`${GRAPH}/.default`] });
    return { type: result.tokenType, left: Math.round((result.expiresOn - Date.now()) / 60000) };
  },
  async twilio() {
    const client = twilio(given.key, given.secret, { accountSid: given.account });
    const workspace = client.taskrouter.v1.workspaces(given.workspace);
    const workers = await workspace.workers.list({ pageSize: 2 });
    const [available] = await workspace.activities.list({ friendlyName: "Available" });
    const changed = await workspace.workers(workers[0].sid).update({ activitySid: available.sid });
    const refused = await workspace.taskQueues.list().catch((error) => error.status);
    const configuration = await client.flexApi.v1.configuration().fetch();
    return { workers: workers.length, activity: changed.activityName, refused, status: configuration.status };
  },
};

try {
  console.log(JSON.stringify(await acts[process.argv[2]]()));
} catch (error) {
  console.log(JSON.stringify({ error: error.errorCode || error.name, said: String(error.message).slice(0, 300) }));
}
