/* The option table: complete, free of contradictions; finding rows; suggestions. */
#include "conf/option.h"

#include <ctype.h>
#include <string.h>

#include "conf/conf_test_support.h"

static const char *name_of(unsigned row, unsigned index, size_t *length)
{
    const struct option *option = &option_table[row];
    *length = strlen(option->name);
    if (index == 0)
        return option->name;
    const char *list = option->aliases, *alias = NULL;
    for (unsigned i = 0; i < index; i++)
        if ((alias = option_next_word(&list, length)) == NULL)
            return NULL;
    return alias;
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->help == NULL || option->manual == NULL || option->set == NULL)
            fail_msg("%s lacks a part", option->name);
        if (strlen(option->help) > 60 || strchr(option->help, '\n') || isupper(*option->help))
            if (strncmp(option->help, "IP", 2) != 0)
                fail_msg("%s: help is not one short line in lower case", option->name);
        size_t length = strlen(option->manual);
        if (length < 20 || option->manual[length - 1] != '.')
            fail_msg("%s: the manual text is not a sentence", option->name);
        if (option->argument >= ARGUMENT_REQUIRED && option->placeholder == NULL)
            fail_msg("%s lacks a placeholder", option->name);
    }
}

/* A name that finds another row means that two rows share it. */
static void every_name_finds_its_row(void **state)
{
    (void)state;
    for (unsigned row = 0; row < option_count; row++) {
        size_t length;
        const char *name;
        for (unsigned i = 0; (name = name_of(row, i, &length)) != NULL; i++)
            if (option_find(name, length) != &option_table[row])
                fail_msg("%.*s is not unique, or too long", (int)length, name);
    }
}

static void no_row_has_one_name_twice(void **state)
{
    (void)state;
    for (unsigned row = 0; row < option_count; row++) {
        char names[16][OPTION_NAME_SIZE];
        size_t length;
        const char *name;
        for (unsigned i = 0; (name = name_of(row, i, &length)) != NULL; i++) {
            assert_in_range(i, 0, 15);
            assert_true(option_normalise(names[i], name, length));
            for (unsigned j = 0; j < i; j++)
                if (strcmp(names[i], names[j]) == 0)
                    fail_msg("%.*s needs to be there only once", (int)length, name);
        }
    }
}

static void every_short_flag_finds_its_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < option_count; i++) {
        const char *list = option_table[i].shorts, *flag;
        size_t length;
        while ((flag = option_next_word(&list, &length)) != NULL)
            assert_ptr_equal(option_find_exact_short(flag, length), &option_table[i]);
    }
}

/* All names that the existing tool knows. */
static void names_of_the_existing_tool_are_known(void **state)
{
    (void)state;
    const char *list =
        "rate max-rate retries retry max-retries max-retry wait seed shard shards resume-index "
        "resume-count resume conf config infinite randomize-hosts offline notransmit nosend "
        "dry-run noreset ping ping-sweep arpscan arp range ranges ip ipv4 dst-ip dest-ip "
        "destination-ip target-ip includefile exclude exclude-range exclude-ranges exclude-ip "
        "exclude-ipv4 excludefile exclude-file ports port dst-port dest-port destination-port "
        "target-port tcp-port tcp-ports udp-port udp-ports oproto oprotos exclude-port "
        "exclude-ports top-ports top-port adapter if interface adapter-ip source-ip "
        "source-address spoof-ip spoof-address src-ip adapter-port source-port src-port "
        "adapter-mac spoof-mac source-mac src-mac router-mac router dest-mac destination-mac "
        "dst-mac target-mac router-mac-ipv4 router-ipv4 router-mac-ipv6 router-ipv6 router-ip "
        "vlan adapter-vlan pfring ttl tcp-mss tcpmss tcp-wscale tcp-tsecho tcp-sackok banners "
        "banner nobanners nobanner rawudp capture nocapture no-capture hello hello-file "
        "hello-filename hello-string hello-timeout connection-timeout tcp-timeout http-method "
        "http-url http-uri http-version http-host http-user-agent http-useragent http-header "
        "http-field http-cookie http-payload banner-type banner-types banner-app banner-apps "
        "nmap-payloads nmap-service-probes pcap-payloads output-filename output-file "
        "output-format output-show output-status show output-noshow noshow open open-only "
        "output-show-open output-append append-output rotate output-rotate rotate-output "
        "rotate-time rotate-dir rotate-offset rotate-size stylesheet webxml no-stylesheet redis "
        "redis-pwd interactive nointeractive status nostatus ndjson-status status-ndjson "
        "pcap-filename pcap summary packet-trace trace-packet echo echo-all echo-cidr iflist "
        "readscan "
        "readrange readranges selftest self-test regress benchmark version nmap help min-rate "
        "send-eth";
    const char *name;
    size_t length;
    while ((name = option_next_word(&list, &length)) != NULL)
        if (option_find(name, length) == NULL)
            fail_msg("%.*s is not known", (int)length, name);
    list = "c iL p e i S g oX oB oG oJ oD oL oU oH oR W V h ? v d sS sU sZ sO sL sT sY Pn n 6 iR";
    while ((name = option_next_word(&list, &length)) != NULL)
        if (option_find_exact_short(name, length) == NULL)
            fail_msg("-%.*s is not known", (int)length, name);
}

static void names_ignore_case_and_punctuation(void **state)
{
    (void)state;
    const struct option *option = option_find("adapter-ip", 10);
    assert_non_null(option);
    assert_ptr_equal(option_find("Adapter_IP", 10), option);
    assert_ptr_equal(option_find("adapterip", 9), option);
    assert_ptr_equal(option_find("-a.d-apter__ip-", 15), option);
    assert_null(option_find("adapter ip", 10));
    assert_null(option_find("", 0));
    assert_null(option_find("---", 3));
    char longest[300];
    memset(longest, 'a', sizeof longest);
    assert_null(option_find(longest, sizeof longest));
}

static void the_longest_short_flag_wins(void **state)
{
    (void)state;
    size_t length;
    assert_string_equal(option_find_short("iLfile", &length)->name, "includefile");
    assert_int_equal(length, 2);
    assert_string_equal(option_find_short("ieth0", &length)->name, "adapter");
    assert_int_equal(length, 1);
    assert_null(option_find_short("P", &length));
}

static void an_index_is_cut_off(void **state)
{
    (void)state;
    struct error err;
    static const struct {
        const char *text;
        size_t length;
        const char *index;
        int number;
    } cases[] = {{"adapter-ip[0]", 10, "0", 0},
                 {"if[7]", 2, "7", 7},
                 {"hello-string[65535]", 12, "65535", 65535},
                 {"a[00080]", 1, "00080", 80},
                 {"a[123456]", 1, "123456", OPTION_NO_INDEX},
                 {"a[-1]", 1, "-1", OPTION_NO_INDEX},
                 {"http-header[X-Name]", 11, "X-Name", OPTION_NO_INDEX},
                 {"http-header[]", 11, "", OPTION_NO_INDEX},
                 {"rate", 4, NULL, OPTION_NO_INDEX}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = strlen(cases[i].text);
        struct option_index index;
        assert_int_equal(option_cut_index(cases[i].text, &length, &index, &err), 0);
        assert_int_equal(length, cases[i].length);
        assert_int_equal(index.number, cases[i].number);
        assert_int_equal(index.text == NULL, cases[i].index == NULL);
        if (index.text == NULL)
            continue;
        assert_int_equal(index.length, strlen(cases[i].index));
        assert_memory_equal(index.text, cases[i].index, index.length);
    }
    static const char *const wrong[] = {"if[", "if[0", "if]0[", "if[0]x", "if[0]]", "if[0]["};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t length = strlen(wrong[i]);
        struct option_index index;
        if (option_cut_index(wrong[i], &length, &index, &err) >= 0)
            fail_msg("%s was taken", wrong[i]);
    }
}

static void unknown_names_bring_near_ones(void **state)
{
    (void)state;
    static const struct {
        const char *dashes, *name, *text;
    } cases[] = {
        {"--", "rat", "unknown option --rat (did you mean --rate?)"},
        {"--", "raet", "unknown option --raet (did you mean --rate?)"},
        {"--", "wiat", "unknown option --wiat (did you mean --wait?)"},
        {"--", "exclud",
         "unknown option --exclud (did you mean --exclude, --excludefile or "
         "--exclude-ports?)"},
        {"--", "exclude-fiel",
         "unknown option --exclude-fiel (did you mean --excludefile, --includefile or "
         "--exclude-ip?)"},
        {"--", "banner-tipes", "unknown option --banner-tipes (did you mean --banner-types?)"},
        {"-", "rate", "unknown option -rate (did you mean --rate?)"},
        {"", "adaptr", "unknown option adaptr (did you mean adapter?)"},
        {"--", "min-rat", "unknown option --min-rat (did you mean --min-rate?)"},
        {"--", "vuln-check",
         "--vuln-check: this program checks no vulnerabilities; it finds open ports and what "
         "answers there"},
        {"--", "xyzzy", "unknown option --xyzzy (masscan --help lists what there is)"},
        {"-", "x", "unknown option -x (masscan --help lists what there is)"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err;
        size_t length = strlen(cases[i].name);
        assert_int_equal(option_unknown(cases[i].dashes, cases[i].name, length, &err), -1);
        assert_string_equal(err.text, cases[i].text);
    }
}

static void refused_nmap_options_bring_a_hint(void **state)
{
    (void)state;
    const char *list =
        "-A -b -f -F -O -r -R -T4 -Tfast -PE -P0 -PS80 -sA -sC -sF -sI -sM -sn -sN -sV -sW -sX "
        "-oN -oS --dns-servers --system-dns --host-timeout --ip-options --log-errors "
        "--min-hostgroup --max-hostgroup --min-parallelism --max-parallelism "
        "--initial-rtt-timeout --min-rtt-timeout --max_rtt_timeout --mtu --osscan-limit "
        "--osscan-guess --privileged --unprivileged --port-ratio --scan-delay --max-scan-delay "
        "--scanflags --send-ip --Traceroute --versiondb --version-light --version-intensity";
    const char *word;
    size_t length;
    while ((word = option_next_word(&list, &length)) != NULL) {
        size_t dash_count = strspn(word, "-");
        const char *dashes = dash_count == 2 ? "--" : "-", *name = word + dash_count;
        length -= dash_count;
        if (option_nmap_hint(dashes, name, length) == NULL)
            fail_msg("no hint for %.*s", (int)length, name);
        if (dash_count == 2 && option_find(name, length) != NULL)
            fail_msg("%.*s is in the table", (int)length, name);
    }
    struct error err;
    option_unknown("-", "T4", 2, &err);
    assert_string_equal(err.text, "-T4: this nmap option is not supported; use --rate N (packets a "
                                  "second) to say how fast");
    assert_null(option_nmap_hint("-", "rate", 4));
    assert_null(option_nmap_hint("--", "A", 1));
}

/* --nmap has a line for each option of nmap that is known, whether it is taken or refused. */
static void the_list_for_nmap_is_whole(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1 << 16);
    conf_nmap(&out);
    const char *text = buffer_string(&out);
    assert_false(out.failed);
    const char *list =
        "-sS -sU -sZ -sO -sL -sT -sY -Pn -n -6 -iR --min-rate --send-eth -A -b -f -F -O -r -R -T* "
        "-P* -sA -sC -sF -sI -sM -sn -sN -sV -sW -sX -oN -oS --dns-servers --system-dns "
        "--host-timeout --ip-options --log-errors --min-hostgroup --max-hostgroup "
        "--min-parallelism --max-parallelism --min-rtt-timeout --mtu --osscan* --privileged "
        "--unprivileged --port-ratio --scan-delay --max-scan-delay --scanflags --send-ip "
        "--traceroute --versiondb --version-*";
    const char *word;
    size_t length;
    while ((word = option_next_word(&list, &length)) != NULL) {
        char line[OPTION_NAME_SIZE + 8];
        snprintf(line, sizeof line, "\n  %.*s ", (int)length, word);
        if (strstr(text, line) == NULL)
            fail_msg("%.*s is not in the list", (int)length, word);
    }
    assert_non_null(strstr(text, "\n  -P*                           hosts are not asked first "));
    assert_non_null(strstr(text, "\n                                echo request to the scan\n"));
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 100);
    buffer_fini(&out);
}

static void help_lists_what_is_supported(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1 << 16);
    conf_help(&out);
    const char *text = buffer_string(&out);
    assert_false(out.failed);
    assert_non_null(strstr(text, "\n  -p, --ports <ports>           scan these ports, such as "
                                 "80,8000-8100,U:53\n"));
    assert_non_null(strstr(text, "\n  --rate <packets>              send this many packets per "
                                 "second (default 100)\n"));
    assert_non_null(strstr(text, "\n  -sL                           list the addresses"));
    for (unsigned i = 0; i < option_count; i++) {
        char line[OPTION_NAME_SIZE + 8];
        snprintf(line, sizeof line, "--%s", option_table[i].name);
        if (!option_is_short(&option_table[i]) && strstr(text, line) == NULL)
            fail_msg("%s is not in --help", line);
    }
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 100);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_name_finds_its_row),
        cmocka_unit_test(no_row_has_one_name_twice),
        cmocka_unit_test(every_short_flag_finds_its_row),
        cmocka_unit_test(names_of_the_existing_tool_are_known),
        cmocka_unit_test(names_ignore_case_and_punctuation),
        cmocka_unit_test(the_longest_short_flag_wins),
        cmocka_unit_test(an_index_is_cut_off),
        cmocka_unit_test(unknown_names_bring_near_ones),
        cmocka_unit_test(refused_nmap_options_bring_a_hint),
        cmocka_unit_test(the_list_for_nmap_is_whole),
        cmocka_unit_test(help_lists_what_is_supported),
    };
    return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
