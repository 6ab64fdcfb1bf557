/* From the configuration to the conversations for banners. */
#ifndef APP_TALK_H
#define APP_TALK_H

#include "base/error.h"
#include "conf/conf.h"
#include "grab/grab.h"

/* All zero: nobody is talked to. */
struct talk {
    bool wanted;
    struct hello_plan *plan;
    struct grab_setup setup;
};

/* What there is to say, if the configuration wants banners; errors name the option. The strings
 * stay the configuration's, which must outlive the conversations. */
int talk_init(struct talk *talk, const struct conf *conf, struct error *err);
void talk_fini(struct talk *talk);

/* The conversations, without callbacks and segment size; NULL if none are wanted. */
const struct grab_setup *talk_setup(const struct talk *talk);

#endif
