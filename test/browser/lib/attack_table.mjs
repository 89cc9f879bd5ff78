// SPDX-License-Identifier: Apache-2.0
//
// ATT&CK for the made-up data sets: the tables of this repository (data/attack/*.tsv) if they are
// there, otherwise the tactics and a small part of the techniques (names and numbers of ATT&CK
// Enterprise v19, The MITRE Corporation).

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TABLES = process.env.SEKISHO_ATTACK_DIR
  ? `${process.env.SEKISHO_ATTACK_DIR}/`
  : fileURLToPath(new URL('../../../data/attack/', import.meta.url));

const TACTICS = `TA0043	reconnaissance	Reconnaissance
TA0042	resource-development	Resource Development
TA0001	initial-access	Initial Access
TA0002	execution	Execution
TA0003	persistence	Persistence
TA0004	privilege-escalation	Privilege Escalation
TA0005	stealth	Stealth
TA0112	defense-impairment	Defense Impairment
TA0006	credential-access	Credential Access
TA0007	discovery	Discovery
TA0008	lateral-movement	Lateral Movement
TA0009	collection	Collection
TA0011	command-and-control	Command and Control
TA0010	exfiltration	Exfiltration
TA0040	impact	Impact`;

const TECHNIQUES = `T1595	Active Scanning	reconnaissance
T1589	Gather Victim Identity Information	reconnaissance
T1583	Acquire Infrastructure	resource-development
T1586	Compromise Accounts	resource-development
T1566	Phishing	initial-access
T1566.001	Spearphishing Attachment	initial-access
T1078	Valid Accounts	initial-access,persistence,privilege-escalation,stealth
T1078.003	Local Accounts	initial-access,persistence,privilege-escalation,stealth
T1190	Exploit Public-Facing Application	initial-access
T1047	Windows Management Instrumentation	execution
T1059	Command and Scripting Interpreter	execution
T1059.001	PowerShell	execution
T1059.003	Windows Command Shell	execution
T1059.005	Visual Basic	execution
T1106	Native API	execution
T1204	User Execution	execution
T1204.002	Malicious File	execution
T1569	System Services	execution
T1569.002	Service Execution	execution
T1053	Scheduled Task/Job	execution,persistence,privilege-escalation
T1053.005	Scheduled Task	execution,persistence,privilege-escalation
T1547	Boot or Logon Autostart Execution	persistence,privilege-escalation
T1547.001	Registry Run Keys / Startup Folder	persistence,privilege-escalation
T1543	Create or Modify System Process	persistence,privilege-escalation
T1543.003	Windows Service	persistence,privilege-escalation
T1136	Create Account	persistence
T1055	Process Injection	stealth,privilege-escalation
T1068	Exploitation for Privilege Escalation	privilege-escalation
T1027	Obfuscated Files or Information	stealth
T1027.010	Command Obfuscation	stealth
T1036	Masquerading	stealth
T1140	Deobfuscate/Decode Files or Information	stealth
T1218	System Binary Proxy Execution	stealth
T1218.010	Regsvr32	stealth
T1218.011	Rundll32	stealth
T1564	Hide Artifacts	stealth
T1564.003	Hidden Window	stealth
T1070	Indicator Removal	stealth
T1562	Impair Defenses	defense-impairment
T1003	OS Credential Dumping	credential-access
T1110	Brute Force	credential-access
T1110.001	Password Guessing	credential-access
T1555	Credentials from Password Stores	credential-access
T1057	Process Discovery	discovery
T1082	System Information Discovery	discovery
T1087	Account Discovery	discovery
T1021	Remote Services	lateral-movement
T1021.002	SMB/Windows Admin Shares	lateral-movement
T1570	Lateral Tool Transfer	lateral-movement
T1114	Email Collection	collection
T1560	Archive Collected Data	collection
T1071	Application Layer Protocol	command-and-control
T1071.001	Web Protocols	command-and-control
T1105	Ingress Tool Transfer	command-and-control
T1571	Non-Standard Port	command-and-control
T1573	Encrypted Channel	command-and-control
T1041	Exfiltration Over C2 Channel	exfiltration
T1486	Data Encrypted for Impact	impact
T1490	Inhibit System Recovery	impact`;

function rowsOf(name, builtIn) {
  const path = `${TABLES}${name}.tsv`;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : builtIn;
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\r$/, '').split('\t'))
    .filter((row) => /^TA?\d/.test(row[0]));
}

/** The `attack` part of a data document. */
export function attackTable() {
  return {
    version: '19',
    tactics: rowsOf('tactics', TACTICS).map(([id, short, name]) => ({ id, short, name })),
    techniques: rowsOf('techniques', TECHNIQUES).map(([id, name, tactics]) => [
      id,
      name,
      tactics.split(','),
    ]),
  };
}
