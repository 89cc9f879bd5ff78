/* SPDX-License-Identifier: Apache-2.0 */
/* Table of programs; see the header. */
#include "evtxgen/case_images.h"

#include <inttypes.h>
#include <string.h>

#define MS "Microsoft Corporation"
#define WINDOWS "Microsoft® Windows® Operating System"
#define SIGNED_WINDOWS "Microsoft Windows"
#define OFFICE_VERSION "16.0.13426.20308"
#define WIN(file, description, original)                                                                     \
    { file, NULL, description, WINDOWS, MS, original, SIGNED_WINDOWS }
#define OFFICE(file, description, product, original)                                                         \
    { file, OFFICE_VERSION, description, product, MS, original, MS }

static const SekCaseImageInfo images[] = {
    WIN("cmd.exe", "Windows Command Processor", "Cmd.Exe"),
    WIN("conhost.exe", "Console Window Host", "CONHOST.EXE"),
    WIN("powershell.exe", "Windows PowerShell", "PowerShell.EXE"),
    WIN("msg.exe", "Message Utility", "msg.exe"),
    WIN("rundll32.exe", "Windows host process (Rundll32)", "RUNDLL32.EXE"),
    WIN("regsvr32.exe", "Microsoft(C) Register Server", "REGSVR32.EXE"),
    WIN("svchost.exe", "Host Process for Windows Services", "svchost.exe"),
    WIN("services.exe", "Services and Controller app", "services.exe"),
    WIN("lsass.exe", "Local Security Authority Process", "lsass.exe"),
    WIN("winlogon.exe", "Windows Logon Application", "WINLOGON.EXE"),
    WIN("userinit.exe", "Userinit Logon Application", "USERINIT.EXE"),
    WIN("explorer.exe", "Windows Explorer", "EXPLORER.EXE"),
    WIN("dllhost.exe", "COM Surrogate", "dllhost.exe"),
    WIN("taskhostw.exe", "Host Process for Windows Tasks", "taskhostw.exe"),
    WIN("backgroundtaskhost.exe", "Background Task Host", "backgroundTaskHost.exe"),
    WIN("runtimebroker.exe", "Runtime Broker", "RuntimeBroker.exe"),
    WIN("searchprotocolhost.exe", "Microsoft Windows Search Protocol Host", "SearchProtocolHost.exe"),
    WIN("searchfilterhost.exe", "Microsoft Windows Search Filter Host", "SearchFilterHost.exe"),
    WIN("smartscreen.exe", "Windows Defender SmartScreen", "smartscreen.exe"),
    WIN("wmiprvse.exe", "WMI Provider Host", "Wmiprvse.exe"),
    WIN("audiodg.exe", "Windows Audio Device Graph Isolation ", "audiodg.exe"),
    WIN("mousocoreworker.exe", "MoUSO Core Worker Process", "MoUsoCoreWorker.exe"),
    WIN("usoclient.exe", "UsoClient", "UsoClient.exe"),
    WIN("trustedinstaller.exe", "Windows Modules Installer", "TrustedInstaller.exe"),
    WIN("tiworker.exe", "Windows Modules Installer Worker", "TiWorker.exe"),
    WIN("wuauclt.exe", "Windows Update", "wuauclt.exe"),
    WIN("sppsvc.exe", "Microsoft Software Protection Platform Service", "sppsvc.exe"),
    WIN("compattelrunner.exe", "Microsoft Compatibility Telemetry", "CompatTelRunner.exe"),
    WIN("gpupdate.exe", "Microsoft® Group Policy Update Utility", "GPUpdate.exe"),
    WIN("splwow64.exe", "Print driver host for applications", "splwow64.exe"),
    WIN("printisolationhost.exe", "PrintIsolationHost", "PrintIsolationHost.exe"),
    WIN("notepad.exe", "Notepad", "NOTEPAD.EXE"),
    WIN("calc.exe", "Windows Calculator", "CALC.EXE"),
    WIN("mspaint.exe", "Paint", "MSPAINT.EXE"),
    WIN("robocopy.exe", "Microsoft Robocopy", "robocopy.exe"),
    WIN("wbengine.exe", "Microsoft® Block Level Backup Engine Service EXE", "wbengine.exe"),
    WIN("wbadmin.exe", "Command Line Interface for Microsoft® BLB Backup", "WBADMIN.EXE"),
    WIN("vssvc.exe", "Microsoft® Volume Shadow Copy Service", "VSSVC.EXE"),
    WIN("defrag.exe", "Disk Defragmenter Module", "Defrag.EXE"),
    WIN("cleanmgr.exe", "Disk Space Cleanup Manager for Windows", "CLEANMGR.DLL"),
    WIN("sc.exe", "Service Control Manager Configuration Tool", "sc.exe"),
    WIN("w32tm.exe", "Windows Time Service Diagnostic Tool", "w32time.dll"),
    WIN("logonui.exe", "Windows Logon User Interface Host", "logonui.exe"),
    WIN("lockapp.exe", "LockApp.exe", "LockApp.exe"),
    WIN("rdpclip.exe", "RDP Clipboard Monitor", "rdpclip.exe"),
    WIN("mmc.exe", "Microsoft Management Console", "mmc.exe"),
    WIN("servermanager.exe", "Server Manager", "ServerManager.exe"),
    WIN("spoolsv.exe", "Spooler SubSystem App", "spoolsv.exe"),
    WIN("ctfmon.exe", "CTF Loader", "CTFMON.EXE"),
    WIN("sihost.exe", "Shell Infrastructure Host", "sihost.exe"),
    WIN("wbemdisp.dll", "WMI Scripting", "wbemdisp.dll"),
    WIN("wbemcomn.dll", "WMI", "wbemcomn.dll"),
    WIN("wbemprox.dll", "WMI", "wbemprox.dll"),
    WIN("wbemsvc.dll", "WMI", "wbemsvc.dll"),
    WIN("fastprox.dll", "WMI Custom Marshaller", "fastprox.dll"),
    WIN("winspool.drv", "Windows Spooler Driver", "winspool.drv"),
    WIN("amsi.dll", "Anti-Malware Scan Interface", "amsi.dll"),
    {"vbe7.dll", "7.01.1106", "Visual Basic Design Time Environment", "Visual Basic Environment", MS,
     "VBE7.DLL", MS},
    {"vbe7intl.dll", "7.01.1106", "Visual Basic Environment International Resources",
     "Visual Basic Environment", MS, "VBE7INTL.DLL", MS},
    {"vbeui.dll", "7.01.1106", "Visual Basic Editor UI", "Visual Basic Environment", MS, "VBEUI.DLL", MS},
    OFFICE("winword.exe", "Microsoft Word", "Microsoft Office", "WinWord.exe"),
    OFFICE("excel.exe", "Microsoft Excel", "Microsoft Office", "Excel.exe"),
    OFFICE("powerpnt.exe", "Microsoft PowerPoint", "Microsoft Office", "POWERPNT.EXE"),
    OFFICE("outlook.exe", "Microsoft Outlook", "Microsoft Outlook", "Outlook.exe"),
    OFFICE("mso.dll", "Microsoft Office component", "Microsoft Office", "mso.dll"),
    OFFICE("officeclicktorun.exe", "Microsoft Office Click-to-Run (SxS)", "Microsoft Office",
           "OfficeClickToRun.exe"),
    OFFICE("officec2rclient.exe", "Microsoft Office Click-to-Run Client", "Microsoft Office",
           "OfficeC2RClient.exe"),
    {"analys32.xll", OFFICE_VERSION, "Microsoft Excel Analysis ToolPak", "Microsoft Office", MS,
     "analys32.xll", MS},
    {"chrome.exe", "87.0.4280.88", "Google Chrome", "Google Chrome", "Google LLC", "chrome.exe",
     "Google LLC"},
    {"googleupdate.exe", "1.3.36.51", "Google Installer", "Google Update", "Google LLC", "GoogleUpdate.exe",
     "Google LLC"},
    {"msedge.exe", "87.0.664.66", "Microsoft Edge", "Microsoft Edge", MS, "msedge.exe", MS},
    {"microsoftedgeupdate.exe", "1.3.137.99", "Microsoft Edge Update", "Microsoft Edge Update", MS,
     "msedgeupdate.dll", MS},
    {"teams.exe", "1.3.00.34662", "Microsoft Teams", "Microsoft Teams", MS, "Teams.exe", MS},
    {"update.exe", "1.5.0.0", "Microsoft Teams", "Microsoft Teams", MS, "Update.exe", MS},
    {"onedrive.exe", "20.201.1005.0009", "Microsoft OneDrive", "Microsoft OneDrive", MS, "OneDrive.exe", MS},
    {"onedrivestandaloneupdater.exe", "20.201.1005.0009", "Standalone Updater", "Microsoft OneDrive", MS,
     "OneDriveStandaloneUpdater.exe", MS},
    {"7zfm.exe", "19.00", "7-Zip File Manager", "7-Zip", "Igor Pavlov", "7zFM.exe", NULL},
    {"msmpeng.exe", "4.18.2011.6", "Antimalware Service Executable", WINDOWS, MS, "MsMpEng.exe",
     "Microsoft Windows Publisher"},
    {"mpcmdrun.exe", "4.18.2011.6", "Microsoft Malware Protection Command Line Utility", WINDOWS, MS,
     "MpCmdRun.exe", "Microsoft Windows Publisher"},
    {"mpsigstub.exe", "1.1.17600.5", "Microsoft Malware Protection Signature Update Stub", WINDOWS, MS,
     "MpSigStub.exe", MS},
    {"sysmon64.exe", "12.03", "System activity monitor", "Sysinternals Sysmon",
     "Sysinternals - www.sysinternals.com", "-", MS},
    {"hinokiagent.exe", "6.4.2.0", "Hinoki Endpoint Agent", "Hinoki Endpoint Management",
     "Hinoki Software K.K.", "hinokiagent.exe", "Hinoki Software K.K."},
    {"hinokiupdate.exe", "6.4.2.0", "Hinoki Agent Updater", "Hinoki Endpoint Management",
     "Hinoki Software K.K.", "hinokiupdate.exe", "Hinoki Software K.K."},
    {"momijisupport_qs.exe", "15.12.4.0", "Momiji Remote Support", "Momiji Remote Support",
     "Momiji Systems Inc.", "MomijiSupport.exe", "Momiji Systems Inc."},
    {"meishibox.exe", "3.8.1.0", "MeishiBox business cards", "MeishiBox", "Kohaku Labs Inc.", "MeishiBox.exe",
     "Kohaku Labs Inc."},
    {"meishiboxupdate.exe", "3.8.1.0", "MeishiBox updater", "MeishiBox", "Kohaku Labs Inc.",
     "MeishiBoxUpdate.exe", "Kohaku Labs Inc."},
    {"notice.exe", "1.0.0.0", "Notice", "Notice", "Sekisho project", "notice.exe", NULL},
};

static const struct {
    const char *file;
    const char *version;
} versions_2022[] = {
    {"chrome.exe", "100.0.4896.127"},
    {"googleupdate.exe", "1.3.36.122"},
    {"msedge.exe", "100.0.1185.50"},
    {"microsoftedgeupdate.exe", "1.3.157.61"},
    {"teams.exe", "1.5.00.9163"},
    {"onedrive.exe", "22.065.0412.0004"},
    {"onedrivestandaloneupdater.exe", "22.065.0412.0004"},
    {"winword.exe", "16.0.15128.20178"},
    {"excel.exe", "16.0.15128.20178"},
    {"powerpnt.exe", "16.0.15128.20178"},
    {"outlook.exe", "16.0.15128.20178"},
    {"officec2rclient.exe", "16.0.15128.20178"},
    {"7zfm.exe", "21.07"},
    {"mpcmdrun.exe", "4.18.2203.5"},
};

/* Compares without regard to ASCII case; `lower` is in lower case. */
static bool same_name(const char *lower, const char *name) {
    while (*lower && *name) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
        if (c != *lower) {
            return false;
        }
        lower++;
        name++;
    }
    return !*lower && !*name;
}

SekCaseImageInfo sek_case_image_info(const char *path, bool in_2022) {
    SekCaseImageInfo info = {"-", "-", "-", "-", "-", "-", NULL};
    const char *slash = strrchr(path, '\\');
    const char *file = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        if (same_name(images[i].file, file)) {
            info = images[i];
        }
    }
    for (size_t i = 0; in_2022 && i < sizeof versions_2022 / sizeof *versions_2022; i++) {
        if (same_name(versions_2022[i].file, file)) {
            info.version = versions_2022[i].version;
        }
    }
    return info;
}

const char *sek_case_hashes(SekCaseArena *arena, const char *path, const char *salt) {
    const char *slash = strrchr(path, '\\');
    char *seed = sek_case_fmt(arena, "%s|%s", slash ? slash + 1 : path, salt);
    SekCaseRng rng = {.state = sek_case_hash(seed)};
    uint64_t word[8];
    for (size_t i = 0; i < 8; i++) {
        word[i] = sek_case_next(&rng);
    }
    return sek_case_fmt(arena,
                        "MD5=%016" PRIX64 "%016" PRIX64 ",SHA256=%016" PRIX64 "%016" PRIX64 "%016" PRIX64
                        "%016" PRIX64 ",IMPHASH=%016" PRIX64 "%016" PRIX64,
                        word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]);
}
