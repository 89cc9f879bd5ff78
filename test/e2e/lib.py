# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: running the program on the bundled case, and counting problems."""
import os
import subprocess
import sys


class Test:
    """Runs the program and keeps what was not as it should be."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.program = os.path.join(self.build, 'sekisho')
        self.problems = []
        self.checks = 0
        self.env = {**os.environ, 'XDG_CACHE_HOME': os.path.join(self.build, 'test-cache')}

    def make_case(self, folder):
        case = os.path.join(folder, 'case')
        subprocess.run([os.path.join(self.build, 'tools/evtxgen/sekisho-mkcase'), case], check=True,
                       stdout=subprocess.DEVNULL)
        return case

    def run(self, *args, stdin=None, env=None, cwd=None):
        """(exit code, standard output, standard error), as bytes."""
        done = subprocess.run([self.program, *args], input=stdin, capture_output=True, timeout=300, cwd=cwd,
                              env={**self.env, **(env or {})})
        return done.returncode, done.stdout, done.stderr

    def check(self, good, what):
        self.checks += 1
        if not good:
            self.problems.append(what)
            print('PROBLEM', what)

    def end(self):
        print(f'{self.checks} checks, {len(self.problems)} problems')
        sys.exit(1 if self.problems or self.checks == 0 else 0)
