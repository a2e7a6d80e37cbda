#!/usr/bin/env python3
"""Git repositories and files over http or https: git's own http-backend behind a server of a few lines.

Takes a port, a folder of repositories, perhaps a certificate with its key, and the one login that may read
(NAME:PASSWORD in GIT_SERVER_LOGIN). Serves on loopback until it is ended.
"""
import base64
import http.server
import os
import ssl
import subprocess
import sys

port, root = int(sys.argv[1]), sys.argv[2]
backend = os.path.join(subprocess.run(["git", "--exec-path"], capture_output=True, text=True).stdout.strip(), "git-http-backend")
login = os.environ.get("GIT_SERVER_LOGIN")
wanted = login and "Basic " + base64.b64encode(login.encode()).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def reply(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self):
        path, _, query = self.path.partition("?")
        body = self.body()
        if wanted and self.headers.get("Authorization") != wanted:
            return self.reply(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
        if ".git/" not in path:
            # Beside repositories: plain files.
            file = os.path.join(root, os.path.basename(path))
            if not os.path.isfile(file):
                return self.reply(404, [], b"<html>there is no such page</html>")
            with open(file, "rb") as content:
                return self.reply(200, [], content.read())
        variables = {
            "GIT_PROJECT_ROOT": root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run([backend], input=body, env={**os.environ, **variables}, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self.reply(status, [one for one in headers if one[0] != "Status"], content)

    do_GET = do_POST = answer


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
