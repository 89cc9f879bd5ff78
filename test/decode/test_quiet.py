#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is passed over without being evaluated changes nothing (src/decode/ps_quiet.h).

usage: test_quiet.py DECODE_LINES [--count N] [--seed N]

Random scripts, and hidden ones of our obfuscator, are decoded twice: as they are, and behind so many variables whose values are
known and so many functions that no statement which names any is passed over. Layers, steps and what is partial must be the same.
"""
import argparse
import json
import random
import subprocess
import sys

import obfuscate

# Behind these every name may be that of something known: 64 bits are tested of each.
PREFIX = ''.join(f"$zq{i}='';function Zq{i}{{}};" for i in range(700))
NAMES = ['x', 'y', 'item', '_', 'env:TEMP', 'env:ComSpec', 'null', 'true', 'args', 'script:x', 'home', 'PSHOME']
WORDS = ['abc', 'http', 'ht', 'tp://a.test/b', 'iex', 'Get-Date', '{0}-{1}', '{1}{0}', 'x.ps1', 'variable:x', 'SQBFAFgA', '']
COMMANDS = ['Get-ChildItem', 'Write-Verbose', 'Write-Host', 'Out-Null', 'Test-Path', 'New-Item', 'Select-Object', 'Get-Content', 'Start-Sleep',
            'Export-Csv', 'iex', 'Set-Variable', 'Write-Output', 'Get-Variable', 'Out-String', 'Out-File', 'cmd', 'Set-Content', 'Own-Function',
            'Clear-Variable', 'Join-Path', 'Set-Alias', 'Set-Item', 'New-Object', '.\\tool.exe', 'rundll32', 'Set-Alias own']
PARAMETERS = ['Path', 'ItemType', 'Name', 'OutVariable', 'ErrorAction', 'Value', 'Force', 'ov', 'InputObject', 'Filter']
OPERATORS = ['+', '+', '-f', '-join', '-replace', '-split', '-eq', '-and', '-or', '*', '-gt', '-is', '..', '-bxor', '-in', '/']
METHODS = ['ToString', 'Replace', 'Split', 'Trim', 'Substring', 'Add', 'Set', 'Remove', 'Invoke', 'Contains', 'Foo']
STATICS = ["[math]::Round({0}, 2)", "[io.path]::Combine({0}, {1})", "[Convert]::FromBase64String({0})", "[string]::Join('', {0})",
           "[int]::MaxValue", "[io.file]::WriteAllText('a.ps1', {0})", "[char]{0}", "[string]{0}", "[ref]$x", "[void]{0}", "[guid]::NewGuid()"]


class Writer:
    """Statements of a grammar in which what is passed over and what is not stand side by side."""

    def __init__(self, r):
        self.r = r

    def variable(self):
        return '$' + self.r.choice(NAMES)

    def text(self, depth):
        r, word = self.r, self.r.choice(WORDS)
        if depth < 3 and r.random() < 0.2:
            return f'"{word}$({self.value(depth + 2)})"'
        return r.choice([f"'{word}'", f'"{word}"', f'"{word} {self.variable()} b"', f'"{self.variable()}{word}"'])

    def value(self, depth):
        r = self.r
        if depth > 3 or r.random() < 0.4:
            return r.choice([self.variable(), self.variable(), self.text(depth), str(r.randrange(300)), '@()', '1.5d'])
        a, b = (lambda: self.value(depth + 1)), (lambda: self.value(depth + 2))
        return r.choice([
            lambda: f'{a()} {r.choice(OPERATORS)} {b()}', lambda: f'({a()})', lambda: f'{self.variable()}.{r.choice(METHODS)}({b()})',
            lambda: f'{self.variable()}.Name', lambda: f'{self.variable()}[{b()}]', lambda: f'({self.command(depth)}).{r.choice(METHODS)}({b()})',
            lambda: f'@{{a = {a()}; b = {b()}}}', lambda: f'({a()}, {b()})', lambda: f'({self.command(depth)})', lambda: f'$({self.statement(depth + 2)})',
            lambda: f'@({a()})', lambda: f'{{ {self.statement(depth + 2)} }}', lambda: r.choice(STATICS).format(a(), b()),
            lambda: f'-not {a()}', lambda: f'{self.variable()}.{r.choice(METHODS)}.Invoke({b()})', lambda: f'({a()} + {b()} + {self.text(depth + 1)})'])()

    def command(self, depth):
        r, parts = self.r, [self.r.choice(COMMANDS)]
        for _ in range(r.randrange(4)):
            parts.append(r.choice([lambda: f'-{r.choice(PARAMETERS)}', self.variable, lambda: self.text(depth + 1), lambda: f'({self.value(depth + 1)})',
                                   lambda: r.choice(WORDS[:6]), lambda: f'{{ {self.statement(depth + 2)} }}', lambda: '2>&1',
                                   lambda: f'> {r.choice(WORDS)}'])())
        line = ' '.join(p for p in parts if p)
        if r.random() < 0.3:
            line += r.choice([lambda: ' | Out-Null', lambda: ' | Select-Object -First 1', lambda: f' | % {{ {self.statement(depth + 2)} }}',
                              lambda: f' | ? {{ {self.value(depth + 1)} }}', lambda: ' | iex', lambda: ' | Out-File a.ps1',
                              lambda: f' | {r.choice(COMMANDS)}'])()
        return line

    def block(self, depth):
        return '; '.join(self.statement(depth + 1) for _ in range(self.r.randrange(1, 4)))

    def statement(self, depth=0):
        r = self.r
        simple = [lambda: f"${r.choice(['x', 'y', 'item'])} {r.choice(['=', '=', '=', '+='])} {self.value(depth)}",
                  lambda: f'$x = {self.command(depth)}', lambda: self.command(depth), lambda: self.command(depth), lambda: self.value(depth + 1),
                  lambda: f'$y.Name = {self.value(depth + 1)}', lambda: f'$x[{r.randrange(3)}] = {self.value(depth + 1)}',
                  lambda: f"$x = '{r.choice(WORDS)}'", lambda: 'return', lambda: '$x++', lambda: f'iex ({self.value(depth)})',
                  lambda: f'Invoke-Command -ComputerName a -ScriptBlock {{ {self.block(depth + 1)} }}']
        nested = [lambda: f'if ({r.choice([self.value, self.command])(depth + 1)}) {{ {self.block(depth)} }} else {{ {self.block(depth)} }}',
                  lambda: f'foreach ($item in {r.choice([self.value, self.command])(depth + 1)}) {{ {self.block(depth)} }}',
                  lambda: f'try {{ {self.block(depth)} }} catch {{ {self.block(depth)} }}',
                  lambda: f"function {r.choice(['Own-Function', 'f'])} {{ param($x, $y = {self.value(3)}) {self.block(depth)} }}",
                  lambda: f'while ({self.value(depth + 1)}) {{ {self.block(depth)}; break }}', lambda: f'& {{ {self.block(depth)} }}',
                  lambda: f'for ($i{depth} = 0; $i{depth} -lt 2; $i{depth}++) {{ {self.block(depth)} }}', lambda: f'switch ({self.value(2)}) {{ a {{ {self.block(depth)} }} }}']
        return r.choice(simple + (nested if depth < 3 else []))() if depth < 6 else self.variable()


def script(seed):
    r = random.Random(seed)
    writer = Writer(r)
    lines = [writer.statement() for _ in range(r.randrange(2, 9))]
    lines.insert(r.randrange(len(lines) + 1), r.choice(["echo ('a' + 'b')", "echo ('hid' + 'den ' + $x)", "$y = 'p' + 'q'; iex ('echo ' + $y)"]))
    return '\n'.join(lines)


def decode(program, texts):
    lines = ''.join(json.dumps({'kind': 'powershell', 'text': t}) + '\n' for t in texts)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True, timeout=600)
    return [json.loads(line)['layers'] for line in done.stdout.splitlines()]


def without_prefix(layers):
    for layer in layers:
        if layer['text'].startswith(PREFIX):
            layer['text'] = layer['text'][len(PREFIX):]
    return layers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--count', type=int, default=3000)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    wrong, layered = 0, 0
    for start in range(0, options.count, 500):
        seeds = [options.seed * 1000003 + i for i in range(start, min(start + 500, options.count))]
        texts = [script(s) for s in seeds]
        hidden = [obfuscate.make(s) for s in seeds[::5]]
        texts += [h['text'] for h in hidden if h['kind'] == 'powershell']
        plain, known = decode(options.program, texts), decode(options.program, [PREFIX + t for t in texts])
        for text, a, b in zip(texts, plain, known):
            layered += len(a) > 1
            if a != without_prefix(b):
                wrong += 1
                if wrong <= 3:
                    print(f'--- script\n{text}\n--- passed over\n{json.dumps(a[1:], indent=1)}\n--- evaluated\n{json.dumps(b[1:], indent=1)}')
    print(f'{options.count} scripts, {layered} with layers, {wrong} differ')
    return 1 if wrong or layered < options.count // 2 else 0


if __name__ == '__main__':
    sys.exit(main())
