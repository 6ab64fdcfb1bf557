/* What the programming interfaces of Docker and Kubernetes say of their version. */
#include "banner/version_api.h"

#include <string.h>

#include "banner/text.h"

enum { TAKEN_MAX = 8192 };

/* Members that are told, and those that only one of both has. */
static const struct {
    const char *member, *name;
    uint16_t app;
} members[] = {
    {"Version", "version", 0},
    {"ApiVersion", "api", APP_DOCKER},
    {"MinAPIVersion", "min-api", APP_DOCKER},
    {"Os", "os", 0},
    {"Arch", "arch", 0},
    {"gitVersion", "version", APP_KUBERNETES},
    {"goVersion", "go", 0},
    {"platform", "platform", 0},
};

static void add(struct version_api *api, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        TEXT_PUT(&api->facts, text[i]);
}

static void take_member(struct version_api *api)
{
    const struct json_string *name = &api->json.name, *value = &api->json.value;
    for (unsigned i = 0; i < sizeof members / sizeof *members; i++) {
        if (name->length != strlen(members[i].member) ||
            memcmp(name->bytes, members[i].member, name->length) != 0)
            continue;
        add(api, " ", api->facts.length > 0);
        add(api, members[i].name, strlen(members[i].name));
        add(api, "=", 1);
        add(api, (const char *)value->bytes, value->length);
        api->app = members[i].app ? members[i].app : api->app;
    }
}

void version_api_take(struct version_api *api, uint8_t byte)
{
    if (version_api_is_over(api))
        return;
    api->taken++;
    if (json_take(&api->json, byte))
        take_member(api);
}

bool version_api_is_over(const struct version_api *api)
{
    return api->json.over || api->taken == TAKEN_MAX;
}

void version_api_tell(const struct version_api *api, const struct banner_talk *talk)
{
    if (api->app != 0)
        banner_tell(talk, api->app, api->facts.bytes, api->facts.length);
}
