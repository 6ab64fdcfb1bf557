/* The command line: what each form gives, what is refused and how, what is checked at the end. */
#include "conf/conf.h"

#include "base/banner_limits.h"
#include "base/port.h"
#include "conf/conf_test_support.h"
#include "conf/option.h"
#include "conf/set.h"

static void defaults(void **state)
{
    (void)state;
    struct conf conf;
    conf_init(&conf);
    assert_int_equal(conf.action, ACTION_SCAN);
    assert_true(conf.rate_pps == 100);
    assert_int_equal(conf.retries, 0);
    assert_int_equal(conf.wait_seconds, 10);
    assert_false(conf.wait_forever);
    assert_int_equal(conf.ttl, 255);
    assert_int_equal(conf.shard.number, 1);
    assert_int_equal(conf.shard.of, 1);
    assert_true(conf.seed_from_time);
    assert_false(conf.seed_named);
    assert_true(conf.show_open);
    assert_false(conf.show_closed);
    assert_int_equal(conf.output_count, 0);
    assert_int_equal(conf.hello, CONF_HELLO_PORT);
    assert_true(conf.hello_timeout_s == 2 && conf.connection_timeout_s == 30);
    assert_int_equal(conf.max_connections, 250000);
    assert_int_equal(conf.banner_length, BANNER_TEXT_MAX);
    assert_true(conf.capture_cert && !conf.capture_servername && !conf.capture_html);
    conf_fini(&conf);
}

#define T " 192.0.2.1 -p80 "
/* What T echoes: the rate is always said. */
#define TARGET_LINES "range = 192.0.2.1\nports = 80\n"
#define RATE_LINE    "rate = 100\n"

/* Arguments, and the same as config lines. */
static const struct {
    const char *arguments, *echo;
} accepted[] = {
    /* forms of a name and its value */
    {T "--rate 5", TARGET_LINES "rate = 5\n"},
    {T "--rate=5", TARGET_LINES "rate = 5\n"},
    {T "--rate:5", TARGET_LINES "rate = 5\n"},
    {T "--MAX_rate 5", TARGET_LINES "rate = 5\n"},
    {T "--max.rate 5 --rate 6", TARGET_LINES "rate = 6\n"},
    {"-p 80 192.0.2.1", TARGET_LINES RATE_LINE},
    {"-p=80 --range 192.0.2.1", TARGET_LINES RATE_LINE},
    {"--ports 80 -- 192.0.2.1", TARGET_LINES RATE_LINE},
    {"--dst-port 80 --target-ip=192.0.2.1", TARGET_LINES RATE_LINE},

    /* targets */
    {"192.0.2.1,198.51.100.0/24 -p80 10.0.0.1-10.0.0.3",
     "range = 10.0.0.1-10.0.0.3\nrange = 192.0.2.1\nrange = 198.51.100.0/24\nports = "
     "80\n" RATE_LINE},
    {T "192.0.2.0 --exclude 192.0.2.7 --exclude-range 192.0.2.6",
     "range = 192.0.2.0/31\nexclude = 192.0.2.6/31\nports = 80\n" RATE_LINE},
    {"0.0.0.0/0 -p80 --exclude 255.255.255.255",
     "range = 0.0.0.0/0\nexclude = 255.255.255.255\nports = 80\n" RATE_LINE},

    /* ports */
    {"192.0.2.1 -p80,443 -p U:53 --exclude-ports 443 --ping",
     "range = 192.0.2.1\nports = 80,443,U:53,I:0\nexclude-ports = 443\n" RATE_LINE},
    {"192.0.2.1 --tcp-ports 1 --udp-port 2 --oproto 3",
     "range = 192.0.2.1\nports = 1,U:2,O:3\n" RATE_LINE},
    {"192.0.2.1 --ping", "range = 192.0.2.1\nports = I:0\n" RATE_LINE},
    {"192.0.2.1 --arp", "range = 192.0.2.1\nports = A:0\n" RATE_LINE},
    {T "--ping=no", TARGET_LINES RATE_LINE},
    {T "--ping --ping:false", TARGET_LINES RATE_LINE},
    {"192.0.2.1 -p53,T:80 -sU", "range = 192.0.2.1\nports = 80,U:53\n" RATE_LINE},
    {"192.0.2.1 -sU -sS -p53", "range = 192.0.2.1\nports = 53,U:53\n" RATE_LINE},
    {"192.0.2.1 -sSU -p53", "range = 192.0.2.1\nports = 53,U:53\n" RATE_LINE},
    {"192.0.2.1 -sZ -p53", "range = 192.0.2.1\nports = S:53\n" RATE_LINE},
    {"192.0.2.1 -sO -p6", "range = 192.0.2.1\nports = O:6\n" RATE_LINE},
    {"192.0.2.1 -sO", "range = 192.0.2.1\nports = O:0-255\n" RATE_LINE},
    {T "-sS -Pn -n --randomize-hosts --send-eth --nobanners", TARGET_LINES RATE_LINE},

    {T "--banners", TARGET_LINES RATE_LINE "banners = true\n"},
    {T "--banners --nobanners", TARGET_LINES RATE_LINE},

    {"192.0.2.1 --top-ports 3", "range = 192.0.2.1\nports = 22,80,443\n" RATE_LINE},
    {"--top-port=2 192.0.2.1 -sSU --top-ports:1",
     "range = 192.0.2.1\nports = 80,443,U:53,123\n" RATE_LINE},
    {"--top-ports 192.0.2.1 -sU --exclude-ports U:1-130,U:132-2000",
     "range = 192.0.2.1\nports = U:53,69,111,123,137,161,389,443,500,1194,1900,3283,3478,3702,4500,"
     "5060,5353,5683,10001,11211\nexclude-ports = U:1-130,132-2000\n" RATE_LINE},
    {"-iR 100000000 -p80", "ports = 80\niR = 100000000\n" RATE_LINE},

    /* scan */
    {T "--min-rate 1000", TARGET_LINES "rate = 1000\n"},
    {T "--min-rate 1000 --rate 1k", TARGET_LINES "rate = 1000\n"},
    {T "--min-rate 5", TARGET_LINES RATE_LINE},
    {T "--rate 0.1", TARGET_LINES "rate = 0.1\n"},
    {T "--rate 100k", TARGET_LINES "rate = 100000\n"},
    {T "--rate 1.5M", TARGET_LINES "rate = 1500000\n"},
    {T "--rate .5", TARGET_LINES "rate = 0.5\n"},
    {T "--rate 1000000000", TARGET_LINES "rate = 1000000000\n"},
    {T "--tcp-mss enable --tcp-wscale enable --tcp-tsecho=5 --tcp-sackok=enable",
     TARGET_LINES RATE_LINE "tcp-mss = 1460\ntcp-wscale = 3\ntcp-tsecho = 5\ntcp-sackok = true\n"},
    {T "--tcp-mss disable --tcp-wscale disable --tcp-sackok=disable --banners",
     TARGET_LINES RATE_LINE "banners = true\ntcp-mss = disable\ntcp-wscale = disable\n"},
    {T "--adapter-vlan 4094", TARGET_LINES RATE_LINE "vlan = 4094\n"},
    {T "--max-retries 3 --wait 0 --ttl 1",
     TARGET_LINES RATE_LINE "retries = 3\nwait = 0\nttl = 1\n"},
    {T "--wait forever", TARGET_LINES RATE_LINE "wait = forever\n"},
    {T "--wait Forever --wait 3", TARGET_LINES RATE_LINE "wait = 3\n"},
    {T "--seed 18446744073709551615", TARGET_LINES RATE_LINE "seed = 18446744073709551615\n"},
    {T "--seed 5 --seed time", TARGET_LINES RATE_LINE},
    {T "--shards 18446744073709551615/18446744073709551615",
     TARGET_LINES RATE_LINE "shard = 18446744073709551615/18446744073709551615\n"},
    {T "--resume-index 18446744073709551615 --resume-count 5",
     TARGET_LINES RATE_LINE "resume-index = 18446744073709551615\nresume-count = 5\n"},
    {T "--resume-pending 5000+100/2 --resume-pending 0+1/0",
     TARGET_LINES RATE_LINE "resume-pending = 5000+100/2\nresume-pending = 0+1/0\n"},
    {T "--dry-run --noreset", TARGET_LINES RATE_LINE "offline = true\nnoreset = true\n"},
    {T "--offline=yes --offline=0", TARGET_LINES RATE_LINE},

    /* adapter */
    {T "-e eth0 -S 10.0.0.5 -g 61000",
     TARGET_LINES RATE_LINE "adapter = eth0\nadapter-ip = 10.0.0.5\nadapter-port = 61000\n"},
    {T "-ieth0 --if[0] eth1", TARGET_LINES RATE_LINE "adapter = eth1\n"},
    {T "--adapter a --if[1]=b --adapter-ip[1] 10.0.0.1 --src-ip[1] 2001:db8::1 --vlan[1]:5 "
       "--src-port 7 --source-port[1] 8-9 --router-ip[0]=10.0.0.2 --adapter-mac[1] "
       "02-00-00-00-00-01 --router-mac[0] 02-00-00-00-00-02 --router-ipv6[1] 02-00-00-00-00-03",
     TARGET_LINES RATE_LINE
     "adapter[0] = a\nadapter[1] = b\nadapter-ip[1] = 10.0.0.1\nadapter-ip[1] = 2001:db8::1\n"
     "adapter-port[0] = 7\nadapter-port[1] = 8-9\nadapter-mac[1] = 02-00-00-00-00-01\n"
     "router-mac[0] = 02-00-00-00-00-02\nrouter-mac-ipv6[1] = 02-00-00-00-00-03\n"
     "router-ip[0] = 10.0.0.2\nvlan[1] = 5\n"},
    {T "--adapter[7]=h -e a -e a --if[1]=b --if[2]=c --if[3]=d --if[4]=e --if[5]=f --if[6]=g",
     TARGET_LINES RATE_LINE
     "adapter[0] = a\nadapter[1] = b\nadapter[2] = c\nadapter[3] = d\nadapter[4] = e\n"
     "adapter[5] = f\nadapter[6] = g\nadapter[7] = h\n"},
    {T "--adapter-ip[0]=10.0.0.6-10.0.0.9",
     TARGET_LINES RATE_LINE "adapter-ip = 10.0.0.6-10.0.0.9\n"},
    {T "--src-ip 10.0.0.0/30 --source-port 40001-40256",
     TARGET_LINES RATE_LINE "adapter-ip = 10.0.0.0/30\nadapter-port = 40001-40256\n"},
    {T "--spoof-mac 66:55:44:33:22:11 --router-ipv4 00-11-22-33-44-AA --router-ip 10.0.0.1",
     TARGET_LINES RATE_LINE "adapter-mac = 66-55-44-33-22-11\nrouter-mac = 00-11-22-33-44-aa\n"
                            "router-ip = 10.0.0.1\n"},
    {T "--packet-io AF-Packet", TARGET_LINES RATE_LINE "packet-io = af_packet\n"},
    {T "--pfring", TARGET_LINES RATE_LINE "packet-io = pfring\n"},
    {T "--pfring --packet-io pfring", TARGET_LINES RATE_LINE "packet-io = pfring\n"},
    {T "-e zc:eth0", TARGET_LINES RATE_LINE "adapter = eth0\npacket-io = pfring\n"},
    {T "--pfring --pfring=no --packet-io pcap", TARGET_LINES RATE_LINE "packet-io = pcap\n"},

    /* output */
    {T "-oX a.xml -oBb.bin -oJ -",
     TARGET_LINES RATE_LINE "output-format = xml\noutput-filename = a.xml\noutput-format = binary\n"
                            "output-filename = b.bin\noutput-format = json\noutput-filename = -\n"},
    {T "--output-filename a", TARGET_LINES RATE_LINE "output-format = xml\noutput-filename = a\n"},
    {T "--output-filename a --output-format list --output-format json --output-filename b",
     TARGET_LINES RATE_LINE "output-format = list\noutput-filename = a\n"
                            "output-format = json\noutput-filename = b\n"},
    {T "--output-format list --output-format json --output-filename b",
     TARGET_LINES RATE_LINE "output-format = json\noutput-filename = b\n"},
    {T "-oX a --output-filename a -oX a",
     TARGET_LINES RATE_LINE "output-format = xml\noutput-filename = a\n"},
    {T "--output-format interactive -oL x", TARGET_LINES RATE_LINE
     "output-format = interactive\noutput-format = list\noutput-filename = x\n"},
    {T "--output-filename x --output-format interactive --output-format Interactive",
     TARGET_LINES RATE_LINE
     "output-format = xml\noutput-filename = x\noutput-format = interactive\n"},
    {T "--output-format none", TARGET_LINES RATE_LINE "output-format = none\n"},
    {T "-oA scan-%Y%%",
     TARGET_LINES RATE_LINE "output-format = xml\noutput-filename = scan-%Y%%.xml\n"
                            "output-format = grepable\noutput-filename = scan-%Y%%.gnmap\n"
                            "output-format = list\noutput-filename = scan-%Y%%.list\n"},
    {T "--redis 10.0.0.1:7000 -oX x --redis-pwd secret -oR ::1",
     TARGET_LINES RATE_LINE "output-format = redis\noutput-filename = 10.0.0.1:7000\n"
                            "output-format = xml\noutput-filename = x\n"
                            "output-format = redis\noutput-filename = ::1\n"},
    {T "--webxml", TARGET_LINES RATE_LINE "stylesheet = https://svn.nmap.org/nmap/docs/nmap.xsl\n"},
    {T "--stylesheet a.xsl --webxml=no", TARGET_LINES RATE_LINE "stylesheet = a.xsl\n"},
    {T "--stylesheet a.xsl --no-stylesheet", TARGET_LINES RATE_LINE},
    {T "--output-append --show all --interactive --nostatus", TARGET_LINES RATE_LINE
     "append-output = true\nshow = closed\ninteractive = true\nnostatus = true\n"},
    {T "--rotate hourly --rotate-offset -30min --rotate-dir d --rotate-size 10m",
     TARGET_LINES RATE_LINE "rotate = 3600\nrotate-offset = -1800\nrotate-dir = d\n"
                            "rotate-size = 10485760\n"},
    {T "--rotate-time=6Hours --rotate-size 3KB",
     TARGET_LINES RATE_LINE "rotate = 21600\nrotate-size = 3072\n"},
    {T "--rotate 10min --rotate-offset=+1day",
     TARGET_LINES RATE_LINE "rotate = 600\nrotate-offset = 86400\n"},
    {T "--output-rotate=weekly --rotate-offset:2w",
     TARGET_LINES RATE_LINE "rotate = 604800\nrotate-offset = 1209600\n"},
    {T "--rotate daily --rotate-size 1g",
     TARGET_LINES RATE_LINE "rotate = 86400\nrotate-size = 1073741824\n"},
    {T "--rotate daily --rotate 7 --rotate-size 1g --rotate-size 0",
     TARGET_LINES RATE_LINE "rotate = 7\n"},
    {T "--show open,closed --noshow open", TARGET_LINES RATE_LINE "show = closed\nnoshow = open\n"},
    {T "--noshow suspects", TARGET_LINES RATE_LINE "noshow = suspects\n"},
    {T "--noshow all --show open,suspects", TARGET_LINES RATE_LINE},
    {T "--show all --open-only --interactive --nointeractive --nostatus --status",
     TARGET_LINES RATE_LINE "status = true\n"},
    {T "--status --nostatus --nostatus=false --status=no", TARGET_LINES RATE_LINE},
    {T "--nostatus --ndjson-status --infinite",
     TARGET_LINES RATE_LINE "infinite = true\nndjson-status = true\n"},
    {T "--nocapture servername -v -vvd", TARGET_LINES RATE_LINE},

    /* banners */
    {T "--rawudp --hello SSL --hello-timeout 0.0000004 --tcp-timeout 2.50",
     TARGET_LINES RATE_LINE "rawudp = true\nhello = ssl\nhello-timeout = 0\n"
                            "connection-timeout = 2.5\n"},
    {T "--hello any --hello=port --hello-timeout 2.0 --max-connections 250000 --banner-length 2048",
     TARGET_LINES RATE_LINE},
    {T "--capture html,CERT --nocapture cert,html --capture servername",
     TARGET_LINES RATE_LINE "capture = servername\nnocapture = cert\n"},
    {T "--hello-string[80] R0VU --hello-string[0025]=RUhMTwo --hello-string[80] SEVBRA==",
     TARGET_LINES RATE_LINE "hello-string[25] = RUhMTwo=\nhello-string[80] = SEVBRA==\n"},
    {T "--servername a.b-c --http-uri /x --http-useragent u --http-host h --http-version HTTP/1.1",
     TARGET_LINES RATE_LINE "sni = a.b-c\nhttp-url = /x\nhttp-version = HTTP/1.1\n"
                            "http-host = h\nhttp-user-agent = u\n"},
    {T "--http-field A:b --http-header[X-C]=d --http-header=a:e: --http-header[]=F: "
       "--http-header[x-c] g --http-header AB:1",
     TARGET_LINES RATE_LINE "http-header[a] = e:\nhttp-header[x-c] = g\nhttp-header[F] = \n"
                            "http-header[AB] = 1\n"},
};

static void arguments_mean_what_their_echo_says(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        struct conf conf;
        struct error err;
        if (read_command(&conf, accepted[i].arguments, &err) < 0)
            fail_msg("%s: %s", accepted[i].arguments, err.text);
        char *echo = echo_text_of(&conf);
        assert_string_equal(echo, accepted[i].echo);
        free(echo);
        conf_fini(&conf);
    }
}

static const struct {
    const char *arguments, *error;
} refused[] = {
    {T "--rate abc", "--rate: \"abc\" is not a number of packets per second (want 0.001 to "
                     "1000000000, or such as 100k)"},
    {T "--max-rate=10x", "--max-rate: \"10x\" is not a number of packets per second (want 0.001 to "
                         "1000000000, or such as 100k)"},
    {T "--rate -5", "--rate: \"-5\" is not a number of packets per second (want 0.001 to "
                    "1000000000, or such as 100k)"},
    {T "--rate 1e3", "--rate: \"1e3\" is not a number of packets per second (want 0.001 to "
                     "1000000000, or such as 100k)"},
    {T "--rate .", "--rate: \".\" is not a number of packets per second (want 0.001 to "
                   "1000000000, or such as 100k)"},
    {T "--rate 1.2.3", "--rate: \"1.2.3\" is not a number of packets per second (want 0.001 to "
                       "1000000000, or such as 100k)"},
    {T "--rate nan", "--rate: \"nan\" is not a number of packets per second (want 0.001 to "
                     "1000000000, or such as 100k)"},
    {T "--rate 0", "--rate: 0 is out of range (want 0.001 to 1000000000 packets per second)"},
    {T "--rate 1001m",
     "--rate: 1001m is out of range (want 0.001 to 1000000000 packets per second)"},
    {T "--rate", "--rate: the value is missing (want <packets>)"},
    {T "--rate=", "--rate: the value is missing (want <packets>)"},
    {T "--adapter --ping",
     "--adapter: the value is missing (want <interface>), \"--ping\" is another option"},
    {T "-oX -oJ x", "-oX: the value is missing (want <file>), \"-oJ\" is another option"},
    {T "--rate a\nb", "--rate: \"a?b\" is not a number of packets per second (want 0.001 to "
                      "1000000000, or such as 100k)"},
    {T "--retries 10x", "--retries: \"10x\" is not a number of retries (want 0 to 1000)"},
    {T "--retries 1001", "--retries: 1001 is out of range (want 0 to 1000 retries)"},
    {T "--retries +1", "--retries: \"+1\" is not a number of retries (want 0 to 1000)"},
    {T "--rotate soon", "--rotate: \"soon\" is not a time (want a number of seconds, or such as "
                        "10min, 6hours, hourly, daily, weekly)"},
    {T "--rotate -5", "--rotate: \"-5\" is not a time (want a number of seconds, or such as 10min, "
                      "6hours, hourly, daily, weekly)"},
    {T "--rotate 3months", "--rotate: \"3months\" is not a time (want a number of seconds, or such "
                           "as 10min, 6hours, hourly, daily, weekly)"},
    {T "--rotate 4294967296", "--rotate: 4294967296 is out of range (want at most 4294967295 "
                              "seconds)"},
    {T "--rotate 99999999999999999999weeks", "--rotate: 99999999999999999999weeks is out of range "
                                             "(want at most 4294967295 seconds)"},
    {T "--rotate-offset +-1", "--rotate-offset: \"-1\" is not a time (want a number of seconds, or "
                              "such as 5hours or -30min)"},
    {T "--rotate-size 1.5m",
     "--rotate-size: \"1.5m\" is not a size (want a number of bytes, or such "
     "as 100k, 10m, 2g)"},
    {T "--rotate-size k", "--rotate-size: \"k\" is not a size (want a number of bytes, or such as "
                          "100k, 10m, 2g)"},
    {T "--rotate-size 4611686018427387905",
     "--rotate-size: 4611686018427387905 is out of range (want at most 4611686018427387904 bytes)"},
    {T "--rotate-size 99999999999g",
     "--rotate-size: 99999999999g is out of range (want at most 4611686018427387904 bytes)"},
    {T "--rotate-dir=", "--rotate-dir: the value is missing (want <directory>)"},
    {T "--wait -1", "--wait: \"-1\" is not a number of seconds (want 0 to 4294967295, or forever)"},
    {T "--wait 4294967296",
     "--wait: 4294967296 is out of range (want 0 to 4294967295 seconds, or forever)"},
    {T "--ttl 256", "--ttl: 256 is out of range (want 1 to 255 hops)"},
    {T "--tcp-mss 47", "--tcp-mss: 47 is out of range (want 48 to 65495 bytes)"},
    {T "--tcp-wscale large",
     "--tcp-wscale: \"large\" is unknown (want enable, disable, or 0 to 14)"},
    {T "--banners --tcp-tsecho enable",
     "--tcp-tsecho does not go together with --banners (leave out one of them)"},
    {T "--vlan 4095", "--vlan: 4095 is out of range (want 1 to 4094 as VLANs are numbered)"},
    {T "--ttl 0", "--ttl: 0 is out of range (want 1 to 255 hops)"},
    {T "--seed abc", "--seed: \"abc\" is not a seed (want 0 to 18446744073709551615, or time)"},
    {T "--seed 18446744073709551616", "--seed: \"18446744073709551616\" is not a seed (want 0 to "
                                      "18446744073709551615, or time)"},
    {T "--resume-index 18446744073709551616",
     "--resume-index: 18446744073709551616 is out of range (want 0 to 18446744073709551615 "
     "probes)"},
    {T "--shard 3", "--shard: \"3\" is not a shard (want X/Y, such as 1/3)"},
    {T "--shard 1/3x", "--shard: \"1/3x\" is not a shard (want X/Y, such as 1/3)"},
    {T "--shard /", "--shard: \"/\" is not a shard (want X/Y, such as 1/3)"},
    {T "--shard 0/3", "--shard: there is no shard 0/3 (want X/Y with X from 1 to Y)"},
    {T "--shard 4/3", "--shard: there is no shard 4/3 (want X/Y with X from 1 to Y)"},
    {T "--shard 1/3 --seed time",
     "--seed time: the parts of a scan must share one seed (want a number, or no --seed)"},
    {T "--resume-pending 5+0/1",
     "--resume-pending: \"5+0/1\" is not FIRST+COUNT/ATTEMPT (want such as 5000+100/2)"},
    {T "--resume-pending 5",
     "--resume-pending: \"5\" is not FIRST+COUNT/ATTEMPT (want such as 5000+100/2)"},
    {T "--resume-pending 5+1",
     "--resume-pending: \"5+1\" is not FIRST+COUNT/ATTEMPT (want such as 5000+100/2)"},
    {T "--resume-pending 18446744073709551615+1/1",
     "--resume-pending: \"18446744073709551615+1/1\" is not FIRST+COUNT/ATTEMPT (want such "
     "as 5000+100/2)"},
    {T "--adapter-ip 10.0.0.1-10.0.0.3",
     "--adapter-ip: 10.0.0.1-10.0.0.3 is 3 addresses (want a power of two; the nearest are 2 and "
     "4)"},
    {T "-S 10.0.0.1,10.0.0.9",
     "-S: \"10.0.0.1,10.0.0.9\" is not one address or range (want such as "
     "192.0.2.1, 192.0.2.0/30 or 2001:db8::1)"},
    {T "-g 40000-40009",
     "-g: 40000-40009 is 10 ports (want a power of two; the nearest are 8 and 16)"},
    {T "-g 0", "-g: \"0\" is not a port or range of ports (want such as 61000 or 40000-40255)"},
    {T "-g 5-4", "-g: \"5-4\" is not a port or range of ports (want such as 61000 or 40000-40255)"},
    {T "-g 65535-65536",
     "-g: \"65535-65536\" is not a port or range of ports (want such as 61000 or 40000-40255)"},
    {T "-g 5-", "-g: \"5-\" is not a port or range of ports (want such as 61000 or 40000-40255)"},
    {T "--adapter-ip 2001:db8::-2001:db8::2",
     "--adapter-ip: 2001:db8::-2001:db8::2 is 3 addresses (want a power of two; the nearest are 2 "
     "and 4)"},
    {T "--adapter-ip 2001:db8::/95",
     "--adapter-ip: 2001:db8::/95 is no usable range (want at most 4294967296 addresses that share "
     "their first 64 bits)"},
    {T "--adapter-ip[8]=10.0.0.1", "--adapter-ip[8]: an adapter's index is one of [0] to [7]"},
    {T "--adapter[00000]=a --adapter[-1]=b", "--adapter[-1]: an adapter's index is one of [0] to "
                                             "[7]"},
    {T "--adapter-ip[1]=10.0.0.1", "--adapter-ip[1]: there is no --adapter[1] (want an interface "
                                   "for each index, from --adapter[0] on)"},
    {T "--adapter[1]=a", "--adapter[1]: there is no --adapter[0] (want an interface for each "
                         "index, from --adapter[0] on)"},
    {T "--adapter a --adapter[2]=c", "--adapter[2]: there is no --adapter[1] (want an interface "
                                     "for each index, from --adapter[0] on)"},
    {T "--if a --if[1]=b --router[2]=02-00-00-00-00-01",
     "--router-mac[2]: there is no --adapter[2] (want an interface for each index, from "
     "--adapter[0] on)"},
    {"fe80::1%a -p80 --if[0]=a --if[1]=b", "--adapter[1]: link-local targets are on \"a\" alone "
                                           "(want one adapter for them)"},
    {T "--rate[0] 5", "--rate[0]: it takes no index"},
    {T "--router-mac 66-55-44-33-22",
     "--router-mac: \"66-55-44-33-22\" is not a MAC address (want such as 66-55-44-33-22-11)"},
    {T "--router-ip ::g",
     "--router-ip: \"::g\" is not an IP address (want such as 192.0.2.1 or fe80::1)"},
    {T "--packet-io af_xdp --pfring",
     "--pfring does not go together with --packet-io af_xdp (want one of them)"},
    {T "--packet-io af_xdp -e zc:eth0",
     "--pfring does not go together with --packet-io af_xdp (want one of them)"},
    {T "--packet-io dpdk",
     "--packet-io: \"dpdk\" is not known (want one of: af_xdp af_packet pcap pfring mem)"},
    {T "--show some",
     "--show: \"some\" is not a kind of result (want open, closed, suspects or all)"},
    {T "--show open,",
     "--show: \"open,\" is not a kind of result (want open, closed, suspects or all)"},
    {T "--offline=maybe", "--offline: \"maybe\" is neither true nor false (want true, yes, 1, "
                          "false, no, 0)"},
    {T "--randomize-hosts=no", "--randomize-hosts: it cannot be switched off"},
    {T "-sL=3", "-sL: it takes no value, but \"3\" came"},
    {T "--echo=yes", "--echo: it takes no value, but \"yes\" came"},
    {T "--hello-string[80] aGk=x", "--hello-string[80]: \"aGk=x\" is not base64 (want such as "
                                   "RUhMTwo=)"},
    {T "--hello-string[80] aGl=", "--hello-string[80]: \"aGl=\" is not base64 (want such as "
                                  "RUhMTwo=)"},
    {T "--hello-string aGk=",
     "--hello-string: it needs a port in brackets (want such as hello-string[80])"},
    {T "--hello-string[65536] aGk=",
     "--hello-string[65536]: it needs a port in brackets (want such as hello-string[80])"},
    {T "--hello-file[x] a",
     "--hello-file[x]: it needs a port in brackets (want such as hello-file[80])"},
    {T "--hello-file[80", "--hello-file[80: an index stands in brackets at the end of the name, "
                          "such as [0]"},
    {T "--hello-file[80] none",
     "--hello-file[80]: none: cannot be opened: No such file or directory"},
    {T "--hello-file[80] .", "--hello-file[80]: .: cannot be read: Is a directory"},
    {T "--hello-file[80] /dev/null",
     "--hello-file[80]: /dev/null: is empty (want 1 to 16384 bytes)"},
    {T "--hello-file[80] /dev/zero",
     "--hello-file[80]: /dev/zero: is too long (want at most 16384 bytes)"},
    {T "--nmap-service-probes none",
     "--nmap-service-probes: none: cannot be opened: No such file or directory"},
    {T "--hello tls", "--hello: \"tls\" is not known (want one of: port ssl http smbv1 any)"},
    {T "--hello-timeout -1", "--hello-timeout: \"-1\" is not a number of seconds (want 0 to 86400, "
                             "such as 2 or 0.5)"},
    {T "--hello-timeout 2s", "--hello-timeout: \"2s\" is not a number of seconds (want 0 to 86400, "
                             "such as 2 or 0.5)"},
    {T "--hello-timeout 86400.1",
     "--hello-timeout: 86400.1 is out of range (want 0 to 86400 seconds)"},
    {T "--tcp-timeout 0.5", "--tcp-timeout: 0.5 is out of range (want 1 to 86400 seconds)"},
    {T "--max-connections 0",
     "--max-connections: 0 is out of range (want 1 to 16777216 connections)"},
    {T "--banner-length 2049", "--banner-length: 2049 is out of range (want 1 to 2048 bytes)"},
    {T "--capture cert,", "--capture: \"cert,\" is not known (want cert, servername, html, or "
                          "several with commas between them)"},
    {T "--nocapture heartbleed",
     "--nocapture: \"heartbleed\" is not known (want cert, servername, html, or several with "
     "commas between them)"},
    {T "--sni 192.0.2.1", "--sni: 192.0.2.1 is an address (want a name, such as www.example.com)"},
    {T "--sni a..b", "--sni: \"a..b\" is not the name of a host (want such as www.example.com, at "
                     "most 255 characters)"},
    {T "--sni a.b.", "--sni: \"a.b.\" is not the name of a host (want such as www.example.com, at "
                     "most 255 characters)"},
    {T "--http-method G(T",
     "--http-method: \"G(T\" is not a token of HTTP (want such as GET, in letters and digits)"},
    {T "--http-url /a\r\nb", "--http-url: the value holds a control character, number 13 (want "
                             "plain text)"},
    {T "--http-cookie a\nb", "--http-cookie: the value holds a control character, number 10 (want "
                             "plain text)"},
    {T "--http-header X", "--http-header: \"X\" has no colon (want such as X-Name: value)"},
    {T "--http-header X:a\nb", "--http-header: the value holds a control character, number 10 "
                               "(want plain text)"},
    {T "--http-header[X(] a", "--http-header[X(]: \"X(\" is not the name of a field (want such as "
                              "X-Name, in letters and digits)"},
    {T "--http-header :a", "--http-header: \"\" is not the name of a field (want such as X-Name, "
                           "in letters and digits)"},
    {T "--http-header[X]=", "--http-header[X]: the value is missing (want <name:value>)"},
    {T "--ttl[0] 3", "--ttl[0]: it takes no index"},
    {T "--adapter-ip[x]=10.0.0.1", "--adapter-ip[x]: an adapter's index is one of [0] to [7]"},
    {T "--top-ports 1000", "--top-ports: 1000 are more than this program knows (want 1 to 205 TCP "
                           "ports)"},
    {T "--top-ports 0", "--top-ports: 0 is out of range (want 1 to 393216 ports)"},
    {T "--top-ports=many", "--top-ports: \"many\" is not a number of ports (want 1 to 393216)"},
    {T "-sZ --top-ports", "--top-ports: only of TCP and UDP ports it is known which are open most "
                          "often (want -sS, -sU, or no scan type)"},
    {"-iR 0 -p80", "-iR: 0 is out of range (want 1 to 100000000 addresses)"},
    {"-iR -p80", "-iR: the value is missing (want <number>), \"-p80\" is another option"},
    {T "--rate 100 --min-rate 2000000",
     "--min-rate: 2000000 is above the rate (want at most --rate, which is 100)"},
    {T "--heartbleed", "--heartbleed: this program checks no vulnerabilities; it finds open ports "
                       "and what answers there"},
    {T "--Script=default", "--Script: this program checks no vulnerabilities; it finds open ports "
                           "and what answers there"},
    {"--readrange -p80",
     "no targets (want addresses or ranges, such as 192.0.2.0/24; masscan --help tells more)"},
    {T "-oX %Q", "-oX: \"%Q\" is no field of the time (want one of the letters "
                 "aAbBCdFGgHIjmMpRsSTuUVwWyYzZ behind the percent sign, such as %Y-%m-%d, or %% "
                 "for the sign itself)"},
    {T "--output-filename 100%",
     "--output-filename: a percent sign ends it (want %% for the sign itself)"},
    {T "-oA -", "-oA: standard output cannot be three files (want a name)"},
    {T "--output-format redis", "--output-format redis: it needs a server (want --redis ADDRESS)"},
    {T "--output-format sqlite",
     "--output-format sqlite: it needs a file of its own (want --output-filename FILE)"},
    {T "--rat 5", "unknown option --rat (did you mean --rate?)"},
    {T "-rate 5", "-rate: a name of several letters needs two dashes: --rate"},
    {T "-echo", "-echo: a name of several letters needs two dashes: --echo"},
    {T "-if eth0", "-if: a name of several letters needs two dashes: --if"},
    {T "-T4", "-T4: this nmap option is not supported; use --rate N (packets a second) to say how "
              "fast"},
    {T "-sSV", "unknown option -sSV (masscan --help lists what there is)"},
    {T "--output-format json",
     "--output-format json: it needs --output-filename (- is standard output)"},
    {T "--output-filename x --output-format none",
     "--output-format none does not go together with other outputs"},
    {T "-oX a -oJ a", "a cannot take both xml and json (want a file for each format)"},
    {T "-oX 1 -oX 2 -oX 3 -oX 4 -oX 5 -oX 6 -oX 7 -oX 8 -oX 9", "-oX: more than 8 outputs"},
    {"", "no targets (want addresses or ranges, such as 192.0.2.0/24; masscan --help tells more)"},
    {T "--resolved www.example.org",
     "--resolved: \"www.example.org\" is not a host name and its address (want such as "
     "www.example.org=192.0.2.1)"},
    {T "--resolved 192.0.2.1=192.0.2.1",
     "--resolved: \"192.0.2.1=192.0.2.1\" is not a host name and its address (want such as "
     "www.example.org=192.0.2.1)"},
    {"192.0.2.1 --arpscan -p80",
     "--arpscan does not go together with ports or --ping (want a scan for each)"},
    {"192.0.2.1 --arpscan --ping",
     "--arpscan does not go together with ports or --ping (want a scan for each)"},
    {"192.0.2.1 2001:db8::1 --arpscan",
     "--arpscan: ARP asks for IPv4 addresses only (want no IPv6 targets)"},
    {"192.0.2.1", "no ports (want -p with ports, such as -p 80,443,U:53, or --ping)"},
    {"192.0.2.1 -sOS", "no ports (want -p with ports, such as -p 80,443,U:53, or --ping)"},
    {"0.0.0.0/0 -p80", "4294967296 addresses and nothing excluded; if that is meant, say --exclude "
                       "255.255.255.255"},
    {"--readscan x --echo", "--echo: it does not go together with --readscan"},
    {"--readscan", "--readscan: the value is missing (want <files>)"},
    {T "-oL f --summary f", "--summary: f takes results already (want a file of its own)"},
    {T "-oL f --pcap g --summary g", "--summary: g takes packets already (want a file of its own)"},
    {T "--summary -", "--summary: \"-\" cannot be replaced as a whole (want a file)"},
    {T "-oL f --pcap f", "--pcap: f takes results already (want a file of its own)"},
    {T "--pcap -", "--pcap: standard output takes results already (want --output-filename for "
                   "them)"},
    {"--readscan x --sort size", "--sort: \"size\" is not known (want one of: address port time)"},
    {T "--sort port",
     "--sort: it works with --readscan only; sort the results of a scan when it is "
     "done"},
    {T "--unique", "--merge: it works with --readscan only; sort the results of a scan when it is "
                   "done"},
    {"-c missing.conf", "-c: missing.conf: cannot be opened: No such file or directory"},
};

static void wrong_arguments_are_refused_with_one_clear_line(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct conf conf;
        struct error err;
        if (read_command(&conf, refused[i].arguments, &err) >= 0)
            fail_msg("%s was accepted", refused[i].arguments);
        assert_string_equal(err.text, refused[i].error);
        conf_fini(&conf);
    }
}

/* The words of the target room's errors are its own; the option must stand before them. */
static void errors_in_targets_and_ports_name_the_option(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *begin;
    } cases[] = {
        {"192.0.2.1 -p 80;443", "-p: "},
        {"192.0.2.1 --ports 65536", "--ports: "},
        {"--exclude 10.0.0.300 -p80", "--exclude: "},
        {"-iL missing.txt -p80", "-iL: "},
        {"192.0.2.1 -p80 --range=foo", "--range: "},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct conf conf;
        struct error err;
        assert_int_equal(read_command(&conf, cases[i].arguments, &err), -1);
        size_t length = strlen(cases[i].begin);
        if (strncmp(err.text, cases[i].begin, length) != 0 || err.text[length] == '\0')
            fail_msg("%s: %s", cases[i].arguments, err.text);
        conf_fini(&conf);
    }
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, "192.0.2.1 p80", &err), -1);
    assert_non_null(strstr(err.text, "p80"));
    conf_fini(&conf);
}

static void actions(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        enum conf_action action;
    } cases[] = {
        {"192.0.2.1 -p80", ACTION_SCAN},
        {"192.0.2.1 -sL", ACTION_LIST},
        {"0.0.0.0/0 -sL", ACTION_LIST},
        {"--echo", ACTION_ECHO},
        {"--echo-all --echo-cidr --echo", ACTION_ECHO},
        {"--read-ranges 192.0.2.1", ACTION_READRANGE},
        {"--readrange -iR 1", ACTION_READRANGE},
        {"--nmap", ACTION_NMAP},
        {"--benchmark", ACTION_BENCHMARK},
        {"--readscan a b", ACTION_READSCAN},
        {"--regress", ACTION_REGRESS},
        {"--SelfTest", ACTION_REGRESS},
        {"--iflist", ACTION_IFLIST},
        {"-W", ACTION_IFLIST},
        {"--help --rate abc", ACTION_HELP},
        {"-h", ACTION_HELP},
        {"-? --readscan x", ACTION_HELP},
        {"--readscan x -V", ACTION_VERSION},
        {"--version", ACTION_VERSION},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct conf conf;
        struct error err;
        if (read_command(&conf, cases[i].arguments, &err) < 0)
            fail_msg("%s: %s", cases[i].arguments, err.text);
        assert_int_equal(conf.action, cases[i].action);
        conf_fini(&conf);
    }
}

static void a_list_without_ports_has_port_80(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, "-sL 192.0.2.0/24", &err), 0);
    assert_int_equal(range_set_size(&conf.ports), 1);
    assert_true(range_set_contains(&conf.ports, port_code(PORT_TCP, 80)));
    conf_fini(&conf);
}

static void readscan_takes_all_names_up_to_the_next_option(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, "--readscan a b - -oX out --readscan=c", &err), 0);
    assert_int_equal(conf.readscan.count, 4);
    assert_string_equal(conf.readscan.items[0], "a");
    assert_string_equal(conf.readscan.items[2], "-");
    assert_string_equal(conf.readscan.items[3], "c");
    assert_int_equal(conf.output_count, 1);
    conf_fini(&conf);
    assert_int_equal(read_command(&conf, "--readscan a --output-format json", &err), 0);
    assert_string_equal(conf.outputs[0].path, "-");
    conf_fini(&conf);
}

static void sets_are_normal_and_ping_is_a_port_at_the_end(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, "192.0.2.1,192.0.2.0,192.0.2.1 --ping", &err), 0);
    assert_true(conf.targets.v4.normal);
    assert_int_equal(range_set_size(&conf.targets.v4), 2);
    assert_true(range_set_contains(&conf.ports, port_code(PORT_ICMP, PORT_ICMP_ECHO)));
    assert_false(conf.ping);
    conf_fini(&conf);
}

static void verbosity_counts(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, T "-vv -d --verbose", &err), 0);
    assert_int_equal(conf.verbosity, 4);
    conf_fini(&conf);
}

static void connect_scans_bring_a_notice(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, T "-sT", &err), 0);
    assert_int_equal(conf.notices.count, 1);
    assert_string_equal(conf.notices.items[0],
                        "-sT: the ports are scanned with SYN packets, not with connect()");
    conf_fini(&conf);
}

static void what_an_option_does_else_brings_a_notice(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {T "-6", "-6: it changes nothing: addresses tell by their form which family they are of"},
        {T "--min-rate 1.5m", "rate: 1500000 packets a second, from --min-rate"},
    };
    for (unsigned i = 0; i < 2; i++) {
        struct conf conf;
        struct error err;
        assert_int_equal(read_command(&conf, cases[i][0], &err), 0);
        assert_int_equal(conf.notices.count, 1);
        assert_string_equal(conf.notices.items[0], cases[i][1]);
        conf_fini(&conf);
    }
}

static void link_local_targets_name_the_adapter(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, "fe80::1%eth7,192.0.2.1 -p80", &err), 0);
    assert_string_equal(conf.adapters[0].name, "eth7");
    conf_fini(&conf);
    assert_int_equal(read_command(&conf, "fe80::1%eth7 -p80 -e eth7", &err), 0);
    conf_fini(&conf);
    assert_int_equal(read_command(&conf, "fe80::1%eth7 -p80 -e eth1", &err), -1);
    assert_string_equal(err.text, "--adapter eth1: link-local targets are on \"eth7\" (want that "
                                  "adapter, or targets of one interface)");
    conf_fini(&conf);
}

static bool names_it(const char *error, const char *dashes, const char *name)
{
    size_t length = strlen(dashes);
    return strncmp(error, dashes, length) == 0 &&
           strncmp(error + length, name, strlen(name)) == 0 &&
           strncmp(error + length + strlen(name), ": ", 2) == 0;
}

/* What is allowed instead; of a file there is nothing to say but that it must be there. */
static bool says_what_is_right(const struct option *option, const char *error)
{
    if (strstr(option->placeholder != NULL ? option->placeholder : "", "file") != NULL &&
        strstr(error, "No such file") != NULL)
        return true;
    return strstr(error, "want ") != NULL || strstr(error, "it takes no value") != NULL;
}

/* A value that is wrong for every row: neither a word nor a number, and no text for a config file.
 * A row that takes anything needs no mention here if its setter calls value_check_text. */
#define WRONG_VALUE "?\x01"

static void a_wrong_value_is_refused_by_every_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->set == set_readscan) /* its values are looked at later */
            continue;
        char line[OPTION_NAME_SIZE + 64];
        struct conf conf;
        struct error err;
        snprintf(line, sizeof line, T "--%s=" WRONG_VALUE, option->name);
        if (read_command(&conf, line, &err) >= 0)
            fail_msg("--%s takes a wrong value", option->name);
        if (!names_it(err.text, "--", option->name) || !says_what_is_right(option, err.text) ||
            strpbrk(err.text, "\n\x01") != NULL)
            fail_msg("--%s: the line does not name it, or what is right: %s", option->name,
                     err.text);
        conf_fini(&conf);
    }
}

static void a_wrong_value_in_a_file_is_refused_by_every_row(void **state)
{
    (void)state;
    static const char place[] = "a.conf:1: ";
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->flags & OPTION_COMMAND_LINE)
            continue;
        char line[OPTION_NAME_SIZE + 64];
        struct conf conf;
        struct error err;
        snprintf(line, sizeof line, "%s = " WRONG_VALUE "\n", option->name);
        write_text("a.conf", line);
        conf_init(&conf);
        if (conf_read_file(&conf, "a.conf", &err) >= 0)
            fail_msg("%s takes a wrong value", option->name);
        if (strncmp(err.text, place, strlen(place)) != 0 ||
            !names_it(err.text + strlen(place), "", option->name) ||
            !says_what_is_right(option, err.text))
            fail_msg("%s: the line does not name it, or what is right: %s", option->name, err.text);
        conf_fini(&conf);
    }
    unlink("a.conf");
}

static uint64_t resolved_seed(const char *arguments, unsigned notices)
{
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, arguments, &err), 0);
    assert_int_equal(conf.notices.count, notices);
    conf_resolve_seed(&conf, 1700000000);
    assert_false(conf.seed_from_time);
    uint64_t seed = conf.seed;
    conf_fini(&conf);
    return seed;
}

/* Parts that are started at different times must still follow one order. */
static void the_seed_of_a_part_does_not_come_from_the_clock(void **state)
{
    (void)state;
    assert_int_equal(resolved_seed(T, 0), 1700000000);
    assert_int_equal(resolved_seed(T "--seed time", 0), 1700000000);
    assert_int_equal(resolved_seed(T "--seed 7", 0), 7);
    assert_int_equal(resolved_seed(T "--shard 1/1", 0), 1700000000);
    assert_int_equal(resolved_seed(T "--shard 1/3", 1), 0);
    assert_int_equal(resolved_seed(T "--shard 1/3 --seed 7", 0), 7);
    assert_int_equal(resolved_seed(T "--resume-index 5", 1), 0);
    assert_int_equal(resolved_seed(T "--resume-index 0 --resume-count 5", 1), 0);
}

static void check_command(const char *arguments, const char *command)
{
    struct conf conf;
    struct error err;
    if (read_command(&conf, arguments, &err) < 0)
        fail_msg("%s: %s", arguments, err.text);
    assert_non_null(conf.command);
    const char *space = strchr(conf.command, ' '); /* behind the program's name */
    assert_non_null(space);
    assert_string_equal(space, command);
    conf_fini(&conf);
}

static void the_command_is_kept_without_its_secrets(void **state)
{
    (void)state;
    check_command(T "--seed 7", T "--seed 7");
    check_command(T "-oX a'b&c", T "-oX 'a'\\''b&c'");
    check_command(T "--redis-pwd secret --seed 7", T "--redis-pwd *** --seed 7");
    check_command(T "--redis-pwd=secret", T "--redis-pwd=***");
    check_command(T "--REDIS_pwd:se-cret", T "--REDIS_pwd:***");
}

/* A scan that is resumed at another time goes on in the file that it began. */
static void a_name_that_is_filled_in_is_echoed_as_it_is(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_command(&conf, T "-oX %Y-%%", &err), 0);
    conf.outputs[0].name = strdup("2026-%");
    char *echo = echo_text_of(&conf);
    assert_non_null(strstr(echo, "output-filename = 2026-%%\n"));
    free(echo);
    conf_fini(&conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(arguments_mean_what_their_echo_says),
        cmocka_unit_test(wrong_arguments_are_refused_with_one_clear_line),
        cmocka_unit_test(errors_in_targets_and_ports_name_the_option),
        cmocka_unit_test(actions),
        cmocka_unit_test(the_command_is_kept_without_its_secrets),
        cmocka_unit_test(a_name_that_is_filled_in_is_echoed_as_it_is),
        cmocka_unit_test(a_list_without_ports_has_port_80),
        cmocka_unit_test(readscan_takes_all_names_up_to_the_next_option),
        cmocka_unit_test(sets_are_normal_and_ping_is_a_port_at_the_end),
        cmocka_unit_test(verbosity_counts),
        cmocka_unit_test(connect_scans_bring_a_notice),
        cmocka_unit_test(what_an_option_does_else_brings_a_notice),
        cmocka_unit_test(link_local_targets_name_the_adapter),
        cmocka_unit_test(a_wrong_value_is_refused_by_every_row),
        cmocka_unit_test(a_wrong_value_in_a_file_is_refused_by_every_row),
        cmocka_unit_test(the_seed_of_a_part_does_not_come_from_the_clock),
    };
    return cmocka_run_group_tests_name("conf", tests, enter_scratch, leave_scratch);
}
