/* What the programming interfaces of Docker and Kubernetes say at "/version", a byte of JSON at a
 * time (Docker Engine API, SystemVersion; Kubernetes API, version.Info). */
#ifndef BANNER_VERSION_API_H
#define BANNER_VERSION_API_H

#include "banner/banner.h"
#include "banner/json.h"

/* All zero at first. */
struct version_api {
    struct json json;
    uint16_t taken; /* bytes: of a long text only the beginning is looked at */
    uint16_t app;   /* whose it is, as far as it is known; 0: nobody's */
    struct {
        uint16_t length;
        uint8_t bytes[190];
    } facts;
};

void version_api_take(struct version_api *api, uint8_t byte);

/* No further byte will add anything. */
bool version_api_is_over(const struct version_api *api);

/* The field, if it is clear whose the text is. */
void version_api_tell(const struct version_api *api, const struct banner_talk *talk);

#endif
