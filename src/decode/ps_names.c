/* SPDX-License-Identifier: Apache-2.0 */

/* Tables of names: aliases and cmdlets of Windows PowerShell 5.1, variables whose value is the same on nearly
 * every machine, automatic variables. Disguises spell names out of them or find them by wildcard. */

#include "decode/ps_run.h"

typedef struct Pair {
    SekStr name;
    const char *value;
} Pair;
#define PAIR(name, value) {{name, sizeof(name) - 1}, value}

/* Get-Alias of Windows PowerShell 5.1, as far as the folder looks at the command. */
static const Pair aliases[] = {
    PAIR("iex", "invoke-expression"),
    PAIR("%", "foreach-object"),
    PAIR("foreach", "foreach-object"),
    PAIR("?", "where-object"),
    PAIR("where", "where-object"),
    PAIR("sv", "set-variable"),
    PAIR("set", "set-variable"),
    PAIR("nv", "new-variable"),
    PAIR("gv", "get-variable"),
    PAIR("variable", "get-variable"),
    PAIR("clv", "clear-variable"),
    PAIR("rv", "remove-variable"),
    PAIR("si", "set-item"),
    PAIR("gi", "get-item"),
    PAIR("item", "get-item"),
    PAIR("ni", "new-item"),
    PAIR("gci", "get-childitem"),
    PAIR("ls", "get-childitem"),
    PAIR("dir", "get-childitem"),
    PAIR("childitem", "get-childitem"),
    PAIR("gc", "get-content"),
    PAIR("cat", "get-content"),
    PAIR("type", "get-content"),
    PAIR("content", "get-content"),
    PAIR("gcm", "get-command"),
    PAIR("command", "get-command"),
    PAIR("gal", "get-alias"),
    PAIR("alias", "get-alias"),
    PAIR("sal", "set-alias"),
    PAIR("nal", "new-alias"),
    PAIR("echo", "write-output"),
    PAIR("write", "write-output"),
    PAIR("icm", "invoke-command"),
    PAIR("saps", "start-process"),
    PAIR("start", "start-process"),
    PAIR("ipmo", "import-module"),
    PAIR("iwr", "invoke-webrequest"),
    PAIR("curl", "invoke-webrequest"),
    PAIR("wget", "invoke-webrequest"),
    PAIR("irm", "invoke-restmethod"),
    PAIR("ii", "invoke-item"),
    PAIR("select", "select-object"),
    PAIR("sort", "sort-object"),
    PAIR("measure", "measure-object"),
    PAIR("group", "group-object"),
    PAIR("gm", "get-member"),
    PAIR("member", "get-member"),
    PAIR("sls", "select-string"),
    PAIR("cd", "set-location"),
    PAIR("sl", "set-location"),
    PAIR("pwd", "get-location"),
    PAIR("gl", "get-location"),
    PAIR("copy", "copy-item"),
    PAIR("cp", "copy-item"),
    PAIR("cpi", "copy-item"),
    PAIR("move", "move-item"),
    PAIR("mv", "move-item"),
    PAIR("del", "remove-item"),
    PAIR("rm", "remove-item"),
    PAIR("ri", "remove-item"),
    PAIR("gp", "get-itemproperty"),
    PAIR("sp", "set-itemproperty"),
    PAIR("ps", "get-process"),
    PAIR("gps", "get-process"),
    PAIR("kill", "stop-process"),
    PAIR("spps", "stop-process"),
    PAIR("sleep", "start-sleep"),
    PAIR("gwmi", "get-wmiobject"),
    PAIR("tee", "tee-object"),
    PAIR("random", "get-random"),
    PAIR("date", "get-date"),
    PAIR("sajb", "start-job"),
    PAIR("gsv", "get-service"),
    PAIR("oh", "out-host"),
    PAIR("ac", "add-content"),
};

/* Cmdlets that disguises look up by wildcard, and common ones that would make a pattern ambiguous. */
static const char *const cmdlets[] = {
    "Add-Content",
    "Add-Member",
    "Add-Type",
    "Clear-Content",
    "Clear-Item",
    "Clear-Variable",
    "Compare-Object",
    "ConvertFrom-Json",
    "ConvertFrom-SecureString",
    "ConvertTo-Json",
    "ConvertTo-SecureString",
    "Copy-Item",
    "Export-Csv",
    "ForEach-Object",
    "Format-List",
    "Format-Table",
    "Get-Alias",
    "Get-ChildItem",
    "Get-Command",
    "Get-Content",
    "Get-Credential",
    "Get-Date",
    "Get-Item",
    "Get-ItemProperty",
    "Get-Location",
    "Get-Member",
    "Get-Process",
    "Get-Random",
    "Get-Service",
    "Get-Variable",
    "Get-WmiObject",
    "Group-Object",
    "Import-Module",
    "Invoke-Command",
    "Invoke-Expression",
    "Invoke-Item",
    "Invoke-RestMethod",
    "Invoke-WebRequest",
    "Invoke-WmiMethod",
    "Join-Path",
    "Measure-Object",
    "Move-Item",
    "New-Alias",
    "New-Item",
    "New-ItemProperty",
    "New-Object",
    "New-Service",
    "New-Variable",
    "Out-File",
    "Out-Host",
    "Out-Null",
    "Out-String",
    "Read-Host",
    "Remove-Item",
    "Remove-Variable",
    "Resolve-Path",
    "Select-Object",
    "Select-String",
    "Set-Alias",
    "Set-Content",
    "Set-ExecutionPolicy",
    "Set-Item",
    "Set-ItemProperty",
    "Set-Location",
    "Set-Variable",
    "Sort-Object",
    "Split-Path",
    "Start-BitsTransfer",
    "Start-Job",
    "Start-Process",
    "Start-Service",
    "Start-Sleep",
    "Stop-Process",
    "Test-Connection",
    "Test-Path",
    "Where-Object",
    "Write-Error",
    "Write-Host",
    "Write-Output",
    "Write-Verbose",
    "Write-Warning",
};

/* What a 64-bit Windows 7 to 11 with its system on C: has. The spelling counts: letters are picked out of it.
 */
static const Pair soft[] = {
    PAIR("env:comspec", "C:\\WINDOWS\\system32\\cmd.exe"),
    PAIR("env:public", "C:\\Users\\Public"),
    PAIR("env:windir", "C:\\WINDOWS"),
    PAIR("env:systemroot", "C:\\WINDOWS"),
    PAIR("env:systemdrive", "C:"),
    PAIR("env:programfiles", "C:\\Program Files"),
    PAIR("env:programdata", "C:\\ProgramData"),
    PAIR("env:allusersprofile", "C:\\ProgramData"),
    PAIR("env:commonprogramfiles", "C:\\Program Files\\Common Files"),
    PAIR("env:os", "Windows_NT"),
    PAIR("env:pathext", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"),
    PAIR("pshome", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"),
    PAIR("shellid", "Microsoft.PowerShell"),
    PAIR("verbosepreference", "SilentlyContinue"),
    PAIR("debugpreference", "SilentlyContinue"),
    PAIR("informationpreference", "SilentlyContinue"),
    PAIR("warningpreference", "Continue"),
    PAIR("erroractionpreference", "Continue"),
    PAIR("progresspreference", "Continue"),
    PAIR("confirmpreference", "High"),
    PAIR("errorview", "NormalView"),
    PAIR("outputencoding", "System.Text.ASCIIEncoding"),
};

static const char *const automatic[] = {
    "ConsoleFileName",
    "DebugPreference",
    "ErrorActionPreference",
    "ErrorView",
    "ExecutionContext",
    "FormatEnumerationLimit",
    "InformationPreference",
    "MaximumAliasCount",
    "MaximumDriveCount",
    "MaximumErrorCount",
    "MaximumFunctionCount",
    "MaximumHistoryCount",
    "MaximumVariableCount",
    "MyInvocation",
    "NestedPromptLevel",
    "OutputEncoding",
    "ProgressPreference",
    "PSBoundParameters",
    "PSCommandPath",
    "PSCulture",
    "PSDefaultParameterValues",
    "PSEmailServer",
    "PSHOME",
    "PSScriptRoot",
    "PSSessionApplicationName",
    "PSSessionConfigurationName",
    "PSSessionOption",
    "PSUICulture",
    "PSVersionTable",
    "ShellId",
    "StackTrace",
    "VerbosePreference",
    "WarningPreference",
    "WhatIfPreference",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Whether the name is worth comparing: nearly all of them begin with another letter. */
static bool begins_like(SekStr name, const char *other) {
    return name.len > 0 && sek_ascii_lower(name.ptr[0]) == sek_ascii_lower(other[0]);
}

static bool is_named(SekStr name, const Pair *pair) {
    return name.len == pair->name.len && begins_like(name, pair->name.ptr) && sek_str_eq_nocase(name, pair->name);
}

/* No alias has a dash, and nearly all commands have. */
SekStr sek_ps_alias(SekStr command) {
    bool dash = command.len > 0 && memchr(command.ptr, '-', command.len) != NULL;
    for (size_t i = 0; i < COUNT(aliases) && !dash; i++)
        if (is_named(command, &aliases[i]))
            return sek_str(aliases[i].value);
    return command;
}

bool sek_ps_soft_variable(SekStr name, SekStr *out) {
    char first = name.len > 0 ? sek_ascii_lower(name.ptr[0]) : 0;
    if (!first || !strchr("epsvdiwco", first)) /* what the names begin with */
        return false;
    for (size_t i = 0; i < COUNT(soft); i++)
        if (is_named(name, &soft[i])) {
            *out = sek_str(soft[i].value);
            return true;
        }
    return false;
}

bool sek_ps_is_cmdlet(SekStr name) {
    for (size_t i = 0; i < COUNT(cmdlets); i++)
        if (begins_like(name, cmdlets[i]) && sek_str_eq_nocase(name, sek_str(cmdlets[i])))
            return true;
    return false;
}

static SekStr only_match(const char *const *names, size_t n, SekPsText pattern) {
    SekStr found = {NULL, 0};
    for (size_t i = 0; i < n; i++) {
        uint16_t units[64];
        SekPsText name = {units, 0};
        for (const char *c = names[i]; *c; c++)
            units[name.n++] = (unsigned char)*c;
        if (!sek_pt_like(name, pattern, true))
            continue;
        if (found.len > 0)
            return sek_str_n(NULL, 0);
        found = sek_str(names[i]);
    }
    return found;
}

SekStr sek_ps_find_command(SekPsText pattern) {
    static const char *const others[] = {"powershell.exe", "cmd.exe"};
    SekStr found = only_match(cmdlets, COUNT(cmdlets), pattern);
    if (found.len > 0)
        return found;
    for (size_t i = 0; i < COUNT(aliases); i++) {
        const char *const one[] = {aliases[i].name.ptr};
        if (only_match(one, 1, pattern).len > 0 && strcmp(aliases[i].name.ptr, "iex") == 0)
            return sek_str("Invoke-Expression");
    }
    return only_match(others, COUNT(others), pattern);
}

SekStr sek_ps_find_automatic(SekPsText pattern) {
    return only_match(automatic, COUNT(automatic), pattern);
}
