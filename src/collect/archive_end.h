/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where a zip or 7z file ends. Both keep their directory at the end, and readers go by it alone: what stands
 * behind the archive, or before it, they never see. Sources: PKWARE APPNOTE 6.3, section 4.3; 7-Zip's
 * 7zFormat.txt, "SignatureHeader". */

#include "base/file.h"

/* `file` is regular. SEK_OK; SEK_ERR_INPUT with what is wrong; SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_archive_ends(const SekFile *file, bool zip, SekError *err);
