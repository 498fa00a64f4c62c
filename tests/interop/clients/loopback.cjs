// Loaded before everything: each https request goes to the rehearsal's port, with the Host header that it had.
"use strict";
const http = require("http");
const https = require("https");

https.request = (first, second, third) => {
  const url = typeof first === "string" || first instanceof URL ? new URL(first) : null;
  const given = url ? (typeof second === "object" ? second : {}) : first;
  const answered = [second, third].find((each) => typeof each === "function");
  const host = (url ? url.hostname : given.hostname || given.host).replace(/:443$/, "");
  const { agent, agents, protocol, socketPath, ...rest } = given;
  return http.request(
    {
      ...rest,
      path: url ? url.pathname + url.search : given.path,
      hostname: "127.0.0.1",
      host: "127.0.0.1",
      port: Number(process.env.REHEARSAL_PORT),
      headers: { ...given.headers, Host: host },
    },
    answered,
  );
};
https.get = (...given) => {
  const request = https.request(...given);
  request.end();
  return request;
};
