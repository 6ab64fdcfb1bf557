/* FTP and SMTP greet alike ("220 ..."): what tells them apart. */
#ifndef BANNER_REPLY_CODE_H
#define BANNER_REPLY_CODE_H

#include "banner/banner.h"

/* For a greeting of three digits and ' ' or '-', one of `codes`: YES if its line has one of `words`
 * in it, LIKELY if not, MAYBE until the line is whole or BANNER_DETECT_MAX bytes are there. Both
 * lists end with NULL. */
enum banner_match reply_code_match(const uint8_t *bytes, size_t length, const char *const codes[],
                                   const char *const words[]);

#endif
