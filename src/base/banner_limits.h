/* Sizes that the options about banners and the rooms which grab them agree on. */
#ifndef BASE_BANNER_LIMITS_H
#define BASE_BANNER_LIMITS_H

enum {
    BANNER_HELLO_MAX = 16384, /* bytes of what is said first: all must wait to be acknowledged */
    BANNER_TEXT_MAX = 2048,   /* bytes of the longest field */
};

#endif
