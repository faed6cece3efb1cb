// What a hosts file does, for one process: Twilio's names are this machine, and 443 is the simulator's port.
"use strict";

const dns = require("node:dns");
const net = require("node:net");

const isTwilio = (name) => typeof name === "string" && name.endsWith(".twilio.com");
const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(isTwilio(name) ? "127.0.0.1" : name, ...rest);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function connectMapped(options, ...rest) {
  const [first] = Array.isArray(options) ? options : [options];
  if (isTwilio(first?.host)) first.port = Number(process.env.SIMULATOR_TLS_PORT);
  return connect.call(this, options, ...rest);
};
