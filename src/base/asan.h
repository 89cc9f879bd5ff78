/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Manual poisoning for AddressSanitizer builds; nothing elsewhere. The one place that asks which
 * build this is, so that code does not have to. */

#if defined(__SANITIZE_ADDRESS__)
#define SEK_HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEK_HAVE_ASAN 1
#endif
#endif

#ifdef SEK_HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define SEK_ASAN_POISON(ptr, size) __asan_poison_memory_region((ptr), (size))
#define SEK_ASAN_UNPOISON(ptr, size) __asan_unpoison_memory_region((ptr), (size))
#else
#define SEK_ASAN_POISON(ptr, size) ((void)(ptr), (void)(size))
#define SEK_ASAN_UNPOISON(ptr, size) ((void)(ptr), (void)(size))
#endif
