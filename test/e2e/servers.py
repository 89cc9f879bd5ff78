# SPDX-License-Identifier: Apache-2.0
"""Servers on the loopback interface for the tests of what is fetched."""
import functools
import http.server
import os
import ssl
import subprocess
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Redirecting(Quiet):
    """Sends /to/URL on to URL, and serves files otherwise."""

    def do_GET(self):
        if not self.path.startswith('/to/'):
            return super().do_GET()
        self.send_response(302)
        self.send_header('Location', self.path[4:])
        self.end_headers()


def https_server(folder, root):
    """A server with a certificate of its own making; (server, path of the certificate)."""
    key, certificate = os.path.join(folder, 'key.pem'), os.path.join(folder, 'certificate.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
                    'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Redirecting, directory=root))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, certificate
