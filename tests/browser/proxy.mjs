/* A proxy as a house may have one in front of the broker: everything below `path`, websockets included, and nothing
 * else. What nginx does with `location PATH { proxy_pass http://127.0.0.1:9001/; }`. */
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";

export async function openProxy(path, port) {
  const paths = [];
  const inner = (url) => (url.startsWith(path) ? `/${url.slice(path.length)}` : null);
  const note = (url) => paths.push(url.split("?")[0]);

  const server = createServer((from, to) => {
    note(from.url);
    const url = inner(from.url);
    if (url === null) return to.writeHead(404).end();
    request({ port, host: "127.0.0.1", path: url, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    }).end();
  });
  server.on("upgrade", (from, socket) => {
    note(from.url);
    const upstream = connect(port, "127.0.0.1", () => {
      const headers = Object.entries(from.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      upstream.write(`GET ${inner(from.url) ?? "/"} HTTP/1.1\r\n${headers.join("")}\r\n`);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on("error", () => {}).on("close", () => [socket, upstream].forEach((s) => s.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${server.address().port}${path}`,
    paths,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
