// The five-node flow as nodes of Node-RED, each written by hand the way its guide says.
"use strict";

const fs = require("node:fs");

const bit = (byte, at) => (byte >> at) & 1;

const decoders = {
	0x351: (data) => ({
		ChargeVoltageLimit: data.readUInt16LE(0) * 0.1,
		ChargeCurrentLimit: data.readInt16LE(2) * 0.1,
		DischargeCurrentLimit: data.readInt16LE(4) * 0.1,
		DischargeVoltageLimit: data.readUInt16LE(6) * 0.1,
	}),
	0x355: (data) => ({
		SOC: data.readUInt16LE(0),
		SOH: data.readUInt16LE(2),
		SOC_hires: data.readUInt16LE(4) * 0.01,
	}),
	0x356: (data) => ({
		PackVoltage: data.readInt16LE(0) * 0.01,
		PackCurrent: data.readInt16LE(2) * 0.1,
		PackTemperature: data.readInt16LE(4) * 0.1,
	}),
	0x359: (data) => ({
		CellOverVoltage: bit(data[0], 1),
		CellUnderVoltage: bit(data[0], 2),
		OverTemperature: bit(data[0], 3),
		UnderTemperature: bit(data[0], 4),
		DischargeOverCurrent: bit(data[0], 7),
		ChargeOverCurrent: bit(data[1], 0),
		SystemError: bit(data[1], 3),
		HighVoltage: bit(data[2], 1),
		LowVoltage: bit(data[2], 2),
		HighTemperature: bit(data[2], 3),
		LowTemperature: bit(data[2], 4),
		HighDischargeCurrent: bit(data[2], 7),
		HighChargeCurrent: bit(data[3], 0),
		CommunicationFailure: bit(data[3], 3),
		ModuleCount: data[4],
	}),
	0x35c: (data) => ({
		ChargeEnable: bit(data[0], 7),
		DischargeEnable: bit(data[0], 6),
		ForceCharge1: bit(data[0], 5),
		ForceCharge2: bit(data[0], 4),
		FullChargeRequest: bit(data[0], 3),
	}),
};

/** The frames of a file of 21-byte records: time, id, length, data. */
function read(file) {
	const bytes = fs.readFileSync(file);
	const frames = [];
	for (let at = 0; at < bytes.length; at += 21) {
		const length = bytes[at + 12];
		frames.push({
			time: bytes.readDoubleLE(at),
			id: bytes.readUInt32LE(at + 8),
			data: bytes.subarray(at + 13, at + 13 + length),
		});
	}
	return frames;
}

module.exports = (RED) => {
	function Frames(config) {
		RED.nodes.createNode(this, config);
		const frames = read(process.env.BENCH_FRAMES);
		const push = (from) => {
			const to = Math.min(from + 256, frames.length);
			for (let index = from; index < to; index += 1) this.send({ payload: frames[index] });
			if (to < frames.length) setImmediate(push, to);
			else this.send({ end: true });
		};
		RED.events.once("flows:started", () => {
			setTimeout(() => {
				global.benchBegun = process.hrtime.bigint();
				global.benchProcessor = process.cpuUsage();
				global.benchFrames = frames.length;
				push(0);
			}, 300);
		});
	}
	RED.nodes.registerType("bench-frames", Frames);

	function Decode(config) {
		RED.nodes.createNode(this, config);
		this.on("input", (msg, send, done) => {
			if (msg.end) send(msg);
			else {
				const { time, id, data } = msg.payload;
				const decoder = decoders[id];
				if (decoder) send({ payload: { time, source: id, values: decoder(data) } });
			}
			done();
		});
	}
	RED.nodes.registerType("bench-decode", Decode);

	function Threshold(config) {
		RED.nodes.createNode(this, config);
		let raised = false;
		this.on("input", (msg, send, done) => {
			const soc = msg.end ? undefined : msg.payload.values.SOC;
			if (msg.end) send(msg);
			else if (soc !== undefined) {
				if (raised ? soc >= 22 : soc < 20) {
					raised = !raised;
					const state = raised ? "raised" : "cleared";
					send({ payload: { time: msg.payload.time, state, value: soc } });
				}
			}
			done();
		});
	}
	RED.nodes.registerType("bench-threshold", Threshold);

	function Aggregate(config) {
		RED.nodes.createNode(this, config);
		let window = 0;
		let low = 0;
		let high = 0;
		let total = 0;
		let count = 0;
		this.on("input", (msg, send, done) => {
			const voltage = msg.end ? undefined : msg.payload.values.PackVoltage;
			if (msg.end) send(msg);
			else if (voltage !== undefined) {
				const minute = Math.floor(msg.payload.time / 60);
				if (minute !== window) {
					if (count) send({ payload: { time: minute * 60, low, high, mean: total / count } });
					window = minute;
					low = high = voltage;
					total = count = 0;
				}
				low = Math.min(low, voltage);
				high = Math.max(high, voltage);
				total += voltage;
				count += 1;
			}
			done();
		});
	}
	RED.nodes.registerType("bench-aggregate", Aggregate);

	function Sink(config) {
		RED.nodes.createNode(this, config);
		let out = 0;
		let ends = 0;
		this.on("input", (msg, _send, done) => {
			done();
			if (!msg.end) out += 1;
			else if (++ends === 2) {
				const seconds = Number(process.hrtime.bigint() - global.benchBegun) / 1e9;
				const used = process.cpuUsage(global.benchProcessor);
				const cpu = (used.user + used.system) / 1e6;
				console.log(`BENCH ${JSON.stringify({ frames: global.benchFrames, seconds, cpu, out })}`);
				process.exit(0);
			}
		});
	}
	RED.nodes.registerType("bench-sink", Sink);
};
