/* The request that web servers are asked with. */
#ifndef BANNER_HTTP_REQUEST_H
#define BANNER_HTTP_REQUEST_H

#include "banner/banner.h"
#include "base/error.h"

/* Whether a request can be made of the settings: no part may hold a line end, the method and the
 * version no blank, the URL none either, each further field has a name and a colon. Negative, with
 * the part and its value in `err`, else. */
int http_request_check(const struct http_settings *settings, struct error *err);

/* Says the request; false, and nothing is said, if there is no room for it. A payload gets its
 * Content-Length. */
bool http_request_say(const struct http_settings *settings, struct banner_talk *talk);

#endif
