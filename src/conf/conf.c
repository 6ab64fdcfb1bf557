/* The life of struct conf, and the seed. */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "conf/option.h"
#include "conf/port_hello.h"
#include "conf/reading.h"
#include "conf/string_list.h"

enum { SHARED_SEED = 0 };

/* The defaults stand in the table as texts, so they are set as if the user had typed them. */
void conf_init(struct conf *conf)
{
    memset(conf, 0, sizeof *conf);
    conf->adapter_count = 1;
    struct source_list sources = {0};
    struct reading reading = {.conf = conf, .sources = &sources};
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->standard != NULL)
            reading_apply(&reading, option, (struct option_index){0}, option->standard, NULL);
    }
    conf->seed_named = false;
    conf->has_rate = false;
    source_list_fini(&sources);
}

static void banner_fini(struct conf *conf)
{
    port_hello_fini(conf);
    free(conf->nmap_service_probes);
    free(conf->tls_servername);
    free(conf->http_method);
    free(conf->http_url);
    free(conf->http_version);
    free(conf->http_host);
    free(conf->http_user_agent);
    free(conf->http_cookie);
    free(conf->http_payload);
    string_list_fini(&conf->http_headers);
}

void conf_fini(struct conf *conf)
{
    address_set_fini(&conf->targets);
    address_set_fini(&conf->excludes);
    name_list_fini(&conf->target_names);
    name_list_fini(&conf->exclude_names);
    host_names_fini(&conf->host_names);
    range_set_fini(&conf->ports);
    range_set_fini(&conf->exclude_ports);
    banner_fini(conf);
    for (unsigned i = 0; i < CONF_ADAPTERS_MAX; i++)
        free(conf->adapters[i].name);
    free(conf->packet_io);
    free(conf->resumed_from);
    free(conf->rotate_dir);
    free(conf->banner_types);
    free(conf->pcap);
    free(conf->nmap_payloads);
    free(conf->pcap_payloads);
    free(conf->summary);
    free(conf->user);
    free(conf->sort);
    free(conf->stylesheet);
    free(conf->redis_password);
    free(conf->command);
    for (unsigned i = 0; i < conf->output_count; i++) {
        free(conf->outputs[i].format);
        free(conf->outputs[i].path);
        free(conf->outputs[i].name);
    }
    string_list_fini(&conf->readscan);
    string_list_fini(&conf->notices);
    memset(conf, 0, sizeof *conf);
}

bool conf_is_part(const struct conf *conf)
{
    return conf->shard.of > 1 || conf->resume_index > 0 || conf->resume_count > 0;
}

void conf_resolve_seed(struct conf *conf, uint64_t now)
{
    if (!conf->seed_from_time)
        return;
    conf->seed_from_time = false;
    conf->seed = conf_is_part(conf) && !conf->seed_named ? SHARED_SEED : now;
}
