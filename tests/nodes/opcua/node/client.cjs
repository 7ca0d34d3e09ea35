/** A client of node-opcua: what it sees, as JSON. The same arguments and answer as reader.py.

    node client.cjs URL POLICY USER PASSWORD CERTIFICATE KEY NODE...
*/
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const {
  AttributeIds,
  BrowseDirection,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType,
} = require("node-opcua-client");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");

const [url, policy, user, password, certificateFile, privateKeyFile, ...ids] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "opcua-"));

/** Node-opcua writes notices to the console, which is for the answer here. */
const answer = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
console.log = console.info = console.warn = () => {};

async function main() {
  const encrypted = policy === "encrypted";
  const manager = new OPCUACertificateManager({
    rootFolder: folder,
    automaticallyAcceptUnknownCertificate: true,
  });
  const client = OPCUAClient.create({
    applicationUri: "urn:flowrt",
    clientCertificateManager: manager,
    ...(encrypted ? { certificateFile, privateKeyFile } : {}),
    securityMode: encrypted ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.None,
    securityPolicy: encrypted ? SecurityPolicy.Basic256Sha256 : SecurityPolicy.None,
    connectionStrategy: { maxRetry: 0 },
    endpointMustExist: false,
    requestedSessionTimeout: 60000,
  });
  await client.connect(url);
  const identity = user
    ? { type: UserTokenType.UserName, userName: user, password }
    : { type: UserTokenType.Anonymous };
  try {
    const session = await client.createSession(identity);
    const space = (await session.readNamespaceArray()).indexOf("urn:flowrt");
    const told = {};
    for (const id of ids) told[id] = await seen(session, `ns=${space};s=${id}`);
    await session.close();
    answer(told);
  } finally {
    await client.disconnect();
  }
}

async function seen(session, nodeId) {
  const value = await session.read({ nodeId, attributeId: AttributeIds.Value });
  const told = {
    value: value.value.value ?? null,
    status: value.statusCode.name,
    time: value.sourceTimestamp ? value.sourceTimestamp.getTime() / 1000 : null,
    path: await path(session, nodeId),
  };
  const properties = await session.browse({
    nodeId,
    referenceTypeId: "HasProperty",
    browseDirection: BrowseDirection.Forward,
    resultMask: 63,
  });
  for (const { browseName, nodeId: property } of properties.references) {
    const read = await session.read({ nodeId: property, attributeId: AttributeIds.Value });
    const found = read.value.value;
    told[browseName.name] =
      browseName.name === "EURange"
        ? [found.low, found.high]
        : [found.displayName.text, found.unitId];
  }
  return told;
}

/** Browse names from below the Objects folder down to the node. */
async function path(session, nodeId) {
  const names = [];
  let at = nodeId;
  while (at !== "ns=0;i=85") {
    const name = await session.read({ nodeId: at, attributeId: AttributeIds.BrowseName });
    names.unshift(name.value.value.name);
    const up = await session.browse({
      nodeId: at,
      referenceTypeId: "HierarchicalReferences",
      includeSubtypes: true,
      browseDirection: BrowseDirection.Inverse,
      resultMask: 63,
    });
    at = up.references[0].nodeId.toString();
    if (names.length > 9) throw new Error(`no way up from ${at}`);
    if (at === "i=85") break;
  }
  return names;
}

main()
  .catch((error) => answer({ error: String(error.message ?? error) }))
  .finally(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
