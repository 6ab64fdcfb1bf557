/* A crowd of servers: one TCP listener a port, behind which there may be as many connections as the
 * kernel has memory for, and each process descriptors. Where whole networks are routed to the
 * loopback, it is a server at each of their addresses.
 *
 * usage: crowd [-6] [-p PROCESSES] MANNER:PORT...       -6: over IPv6 too
 *
 *   greet    speaks first, like SSH, and then listens until the client has closed
 *   page     answers a request with a page, and closes
 *   mute     says nothing: the kernel completes the handshake, and nobody accepts
 *   drip     says a byte a second, of a line that never ends
 *   endless  sends as fast as the client takes it
 *   reset    resets: at once, after half of a greeting, after the first bytes, after half of a page
 *
 * Says "ready" when it listens, and goes on until it is killed. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { EVENTS = 512, LISTENERS_MAX = 64, PROCESSES_MAX = 64, ACCEPTS_A_TURN = 256 };

struct manner;

struct listener {
    const struct manner *manner;
    int socket;
};

/* What the descriptor of a connection stands for; `manner` is NULL where it is none. */
struct connection {
    const struct manner *manner;
    uint32_t heard; /* bytes */
    uint8_t fate;   /* of `reset` */
};

struct crowd {
    int epoll, clock;
    struct connection *connections; /* by descriptor */
    size_t descriptors;             /* the limit of the process */
    struct listener listeners[LISTENERS_MAX];
    unsigned listening;
    unsigned seed;
    bool ipv6; /* too */
};

/* A callback may be NULL: then nothing is done. They return false to close the connection. */
struct manner {
    const char *name;
    bool (*opened)(struct connection *connection, int socket);
    bool (*heard)(struct connection *connection, int socket);
    bool (*may_send)(struct connection *connection, int socket);
    bool (*ticked)(struct connection *connection, int socket); /* once a second */
    bool never_accepts;
};

static const char GREETING[] = "SSH-2.0-OpenSSH_9.2p1 Crowd\r\n";
static const char PAGE[] =
    "HTTP/1.1 200 OK\r\nServer: crowd/1.0\r\nContent-Type: text/html\r\n"
    "Content-Length: 71\r\nConnection: close\r\n\r\n"
    "<html><head><title>One of many</title></head><body>Hello</body></html>\n";

/* ---- manners ---- */

/* What a socket has no room for is lost; all but endless streams fit an empty buffer. */
static bool say(int socket, const char *text, size_t length)
{
    return send(socket, text, length, MSG_NOSIGNAL) >= 0 || errno == EAGAIN;
}

/* Closing resets. */
static bool reset(int socket)
{
    const struct linger at_once = {.l_onoff = 1};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return false;
}

static bool greet(struct connection *connection, int socket)
{
    (void)connection;
    return say(socket, GREETING, sizeof GREETING - 1);
}

/* A request is taken to be whole when its first segment has come. */
static bool send_page(struct connection *connection, int socket)
{
    (void)connection;
    say(socket, PAGE, sizeof PAGE - 1);
    return false;
}

static bool drip(struct connection *connection, int socket)
{
    (void)connection;
    return say(socket, "a", 1);
}

static bool pour(struct connection *connection, int socket)
{
    static const char much[16384] = "Once upon a time ";
    (void)connection;
    return say(socket, much, sizeof much);
}

enum fate { AT_ONCE, IN_THE_GREETING, WHEN_ASKED, IN_THE_PAGE, FATES };

static bool reset_early(struct connection *connection, int socket)
{
    if (connection->fate == IN_THE_GREETING)
        say(socket, GREETING, sizeof GREETING / 2);
    return connection->fate == AT_ONCE || connection->fate == IN_THE_GREETING ? reset(socket)
                                                                              : true;
}

static bool reset_late(struct connection *connection, int socket)
{
    if (connection->fate == IN_THE_PAGE)
        say(socket, PAGE, sizeof PAGE / 2);
    return reset(socket);
}

static const struct manner MANNERS[] = {
    {.name = "greet", .opened = greet},
    {.name = "page", .heard = send_page},
    {.name = "mute", .never_accepts = true},
    {.name = "drip", .opened = drip, .ticked = drip},
    {.name = "endless", .may_send = pour},
    {.name = "reset", .opened = reset_early, .heard = reset_late},
};

/* ---- connections ---- */

static void end(struct crowd *crowd, int socket)
{
    crowd->connections[socket].manner = NULL;
    close(socket);
}

/* Throws away what has arrived; false at the end of it. */
static bool hear(struct connection *connection, int socket)
{
    char bytes[4096];
    ssize_t length = recv(socket, bytes, sizeof bytes, 0);
    if (length > 0)
        connection->heard += (uint32_t)length;
    return length > 0 || (length < 0 && errno == EAGAIN);
}

static void serve(struct crowd *crowd, int socket, uint32_t events)
{
    struct connection *connection = &crowd->connections[socket];
    const struct manner *manner = connection->manner;
    bool goes_on = !(events & (EPOLLERR | EPOLLHUP));
    if (goes_on && events & EPOLLIN)
        goes_on = hear(connection, socket) &&
                  (manner->heard == NULL || manner->heard(connection, socket));
    if (goes_on && events & EPOLLOUT && manner->may_send != NULL)
        goes_on = manner->may_send(connection, socket);
    if (!goes_on)
        end(crowd, socket);
}

static void welcome(struct crowd *crowd, const struct manner *manner, int socket)
{
    struct connection *connection = &crowd->connections[socket];
    *connection =
        (struct connection){.manner = manner, .fate = (uint8_t)(rand_r(&crowd->seed) % FATES)};
    struct epoll_event event = {.events = EPOLLIN | (manner->may_send ? EPOLLOUT : 0),
                                .data.u64 = (uint64_t)socket};
    if ((manner->opened != NULL && !manner->opened(connection, socket)) ||
        epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, socket, &event) < 0)
        end(crowd, socket);
}

static void accept_some(struct crowd *crowd, const struct listener *listener)
{
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int socket = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK);
        if (socket < 0)
            return; /* without descriptors those that are open go first */
        welcome(crowd, listener->manner, socket);
    }
}

static void tick(struct crowd *crowd)
{
    uint64_t times;
    if (read(crowd->clock, &times, sizeof times) < 0)
        return;
    for (size_t i = 0; i < crowd->descriptors; i++) {
        const struct manner *manner = crowd->connections[i].manner;
        if (manner != NULL && manner->ticked != NULL &&
            !manner->ticked(&crowd->connections[i], (int)i))
            end(crowd, (int)i);
    }
}

/* ---- the crowd ---- */

/* Events of listeners carry their number here, those of connections their descriptor. */
#define A_LISTENER (1ull << 32)
#define THE_CLOCK  (1ull << 33)

static noreturn void run(struct crowd *crowd)
{
    struct epoll_event events[EVENTS];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    crowd->connections = calloc(crowd->descriptors, sizeof *crowd->connections);
    if (crowd->connections == NULL)
        errx(1, "crowd: out of memory");
    for (;;) {
        int count = epoll_wait(crowd->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            uint64_t what = events[i].data.u64;
            if (what & A_LISTENER)
                accept_some(crowd, &crowd->listeners[(uint32_t)what]);
            else if (what & THE_CLOCK)
                tick(crowd);
            else if (crowd->connections[what].manner != NULL)
                serve(crowd, (int)what, events[i].events);
        }
    }
}

static void watch(const struct crowd *crowd, int descriptor, uint64_t what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = what};
    if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0)
        err(1, "crowd: epoll");
}

/* At every address of IPv4, or of both families, whose sockets take more memory. */
static int bind_anywhere(int socket_, bool ipv6, uint16_t port)
{
    const struct sockaddr_in of_ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    const struct sockaddr_in6 of_both = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    return ipv6 ? bind(socket_, (const struct sockaddr *)&of_both, sizeof of_both)
                : bind(socket_, (const struct sockaddr *)&of_ipv4, sizeof of_ipv4);
}

static void listen_on(struct crowd *crowd, const struct manner *manner, uint16_t port)
{
    const int yes = 1;
    int socket_ = socket(crowd->ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(socket_, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    if (bind_anywhere(socket_, crowd->ipv6, port) < 0 ||
        listen(socket_, INT_MAX) < 0) /* as many as net.core.somaxconn lets it */
        err(1, "crowd: port %u", port);
    crowd->listeners[crowd->listening] = (struct listener){manner, socket_};
    if (!manner->never_accepts)
        watch(crowd, socket_, A_LISTENER | crowd->listening);
    crowd->listening++;
}

static const struct manner *find_manner(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof MANNERS / sizeof *MANNERS; i++)
        if (strlen(MANNERS[i].name) == length && memcmp(MANNERS[i].name, name, length) == 0)
            return &MANNERS[i];
    errx(2, "crowd: there is no manner '%.*s'", (int)length, name);
}

static void listen_as(struct crowd *crowd, const char *word)
{
    const char *colon = strchr(word, ':');
    char *rest = NULL;
    unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, &rest, 10);
    if (port < 1 || port > UINT16_MAX || *rest != '\0' || crowd->listening == LISTENERS_MAX)
        errx(2, "crowd: '%s' is no MANNER:PORT, or one too many", word);
    listen_on(crowd, find_manner(word, (size_t)(colon - word)), (uint16_t)port);
}

/* A process of the crowd; its listeners are there when this returns. */
static void start(unsigned number, size_t descriptors, bool ipv6, char **words)
{
    const struct itimerspec second = {{1, 0}, {1, 0}};
    struct crowd crowd = {
        .epoll = epoll_create1(0),
        .clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK),
        .descriptors = descriptors,
        .ipv6 = ipv6,
        .seed = number,
    };
    if (crowd.epoll < 0 || crowd.clock < 0)
        err(1, "crowd: cannot start");
    timerfd_settime(crowd.clock, 0, &second, NULL);
    watch(&crowd, crowd.clock, THE_CLOCK);
    for (; *words != NULL; words++)
        listen_as(&crowd, *words);
    pid_t child = fork();
    if (child < 0)
        err(1, "crowd: cannot fork");
    if (child == 0)
        run(&crowd);
    close(crowd.epoll);
    close(crowd.clock);
    for (unsigned i = 0; i < crowd.listening; i++)
        close(crowd.listeners[i].socket);
}

/* As many descriptors as may be had. */
static size_t raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        err(1, "crowd: descriptors");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        err(1, "crowd: cannot have %lu descriptors", (unsigned long)limit.rlim_max);
    return limit.rlim_cur;
}

int main(int argc, char **argv)
{
    unsigned long processes = 1;
    bool ipv6 = false;
    for (int option; (option = getopt(argc, argv, "6p:")) != -1;) {
        if (option == '6')
            ipv6 = true;
        else if (option == 'p')
            processes = strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    if (optind == argc || processes < 1 || processes > PROCESSES_MAX)
        errx(2, "usage: crowd [-6] [-p PROCESSES] MANNER:PORT...");
    size_t descriptors = raise_limit();
    for (unsigned i = 0; i < processes; i++)
        start(i, descriptors, ipv6, argv + optind);
    puts("ready");
    fflush(stdout);
    pause();
    return 0;
}
