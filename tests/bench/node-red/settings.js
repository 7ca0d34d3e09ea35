// Node-RED without its editor, with the nodes beside this file.
module.exports = {
	httpAdminRoot: false,
	httpNodeRoot: false,
	uiPort: 0,
	nodesDir: `${__dirname}/nodes`,
	logging: { console: { level: "error", metrics: false, audit: false } },
	telemetry: { enabled: false },
};
