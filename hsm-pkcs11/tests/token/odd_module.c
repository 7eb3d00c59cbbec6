/* A PKCS#11 module that is SoftHSM and behaves like tokens that SoftHSM is not: with few mechanisms, with a keypad of its own, with
 * slots that only their number tells apart. Built with cc by the tests. PKCS#11 v2.40 section 5.1: the function list is a version and
 * 68 pointers in a fixed order.
 *
 *   ODD_MODULE       the real module
 *   ODD_MECHANISMS   the only mechanisms there are, numbers with commas
 *   ODD_KEYPAD       the PIN that is entered at the keypad; one that comes from the program is refused
 *   ODD_SLIPS        as many entries for single signatures at the keypad are wrong
 *   ODD_TWINS        every token has the same label and serial number
 *   ODD_LOG          a file that gets a line for each login and each call that signs
 */
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GET_FUNCTION_LIST = 3, GET_TOKEN_INFO = 6, GET_MECHANISM_LIST = 7, LOGIN = 18, SIGN_INIT = 42, SIGN = 43, SIGN_UPDATE = 44 };

#define FUNCTIONS 68
#define CKR_GENERAL_ERROR 5UL
#define CKR_ARGUMENTS_BAD 7UL
#define CKR_FUNCTION_NOT_SUPPORTED 0x54UL
#define CKR_MECHANISM_INVALID 0x70UL
#define CKR_BUFFER_TOO_SMALL 0x150UL
#define CKF_PROTECTED_AUTHENTICATION_PATH 0x100UL
#define CKU_CONTEXT_SPECIFIC 2UL

typedef unsigned long ulong;

struct function_list {
    unsigned char version[2];
    void *functions[FUNCTIONS];
};

struct token_info {
    unsigned char label[32], manufacturer[32], model[16], serial[16];
    ulong flags;
};

struct mechanism {
    ulong type;
    void *parameter;
    ulong length;
};

static struct function_list odd, real;
static const char *mechanisms, *keypad, *twins, *log_file;
static int slips;

static void note(const char *what)
{
    FILE *file = log_file ? fopen(log_file, "a") : NULL;

    if (file) {
        fprintf(file, "%s\n", what);
        fclose(file);
    }
}

static int offered(ulong type)
{
    const char *at = mechanisms;
    char *end;

    if (!mechanisms)
        return 1;
    while (*at) {
        if (strtoul(at, &end, 0) == type)
            return 1;
        at = *end ? end + 1 : end;
    }
    return 0;
}

static ulong get_token_info(ulong slot, struct token_info *info)
{
    ulong rv = ((ulong(*)(ulong, struct token_info *))real.functions[GET_TOKEN_INFO])(slot, info);

    if (rv)
        return rv;
    if (keypad)
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (twins) {
        memset(info->label, ' ', sizeof info->label);
        memcpy(info->label, "same", 4);
        memset(info->serial, '7', sizeof info->serial);
    }
    return 0;
}

static ulong get_mechanism_list(ulong slot, ulong *list, ulong *count)
{
    ulong (*get)(ulong, ulong *, ulong *) = (ulong(*)(ulong, ulong *, ulong *))real.functions[GET_MECHANISM_LIST];
    ulong all[512], n = 512, kept = 0, rv = get(slot, all, &n), i;

    if (rv)
        return rv;
    for (i = 0; i < n; i++)
        if (offered(all[i])) {
            if (list && kept < *count)
                list[kept] = all[i];
            kept++;
        }
    rv = list && kept > *count ? CKR_BUFFER_TOO_SMALL : 0;
    *count = kept;
    return rv;
}

static ulong login(ulong session, ulong user, unsigned char *pin, ulong length)
{
    ulong (*real_login)(ulong, ulong, const char *, ulong) = (ulong(*)(ulong, ulong, const char *, ulong))real.functions[LOGIN];
    const char *entered = (const char *)pin;

    note(user == CKU_CONTEXT_SPECIFIC ? "login for a signature" : "login");
    if (keypad) {
        if (pin)
            return CKR_ARGUMENTS_BAD;
        entered = keypad;
        if (user == CKU_CONTEXT_SPECIFIC && slips > 0) {
            slips--;
            entered = "00000000";
        }
        length = strlen(entered);
    }
    return real_login(session, user, entered, length);
}

static ulong sign_init(ulong session, struct mechanism *mechanism, ulong key)
{
    if (mechanism && !offered(mechanism->type))
        return CKR_MECHANISM_INVALID;
    return ((ulong(*)(ulong, struct mechanism *, ulong))real.functions[SIGN_INIT])(session, mechanism, key);
}

static ulong sign(ulong session, unsigned char *data, ulong length, unsigned char *signature, ulong *signature_length)
{
    note(signature ? "sign" : "how long");
    return ((ulong(*)(ulong, unsigned char *, ulong, unsigned char *, ulong *))real.functions[SIGN])(session, data, length, signature,
                                                                                                     signature_length);
}

static ulong sign_update(ulong session, unsigned char *data, ulong length)
{
    (void)session, (void)data, (void)length;
    note("sign in parts");
    return CKR_FUNCTION_NOT_SUPPORTED;
}

ulong C_GetFunctionList(struct function_list **list)
{
    const char *module = getenv("ODD_MODULE"), *times = getenv("ODD_SLIPS");
    void *library = module ? dlopen(module, RTLD_NOW | RTLD_LOCAL) : NULL;
    ulong (*get)(struct function_list **) = library ? (ulong(*)(struct function_list **))dlsym(library, "C_GetFunctionList") : NULL;
    struct function_list *functions;

    if (!get || get(&functions))
        return CKR_GENERAL_ERROR;
    if (!real.functions[0]) {
        mechanisms = getenv("ODD_MECHANISMS");
        keypad = getenv("ODD_KEYPAD");
        twins = getenv("ODD_TWINS");
        log_file = getenv("ODD_LOG");
        slips = times ? atoi(times) : 0;
        real = odd = *functions;
        odd.functions[GET_FUNCTION_LIST] = (void *)C_GetFunctionList;
        odd.functions[GET_TOKEN_INFO] = (void *)get_token_info;
        odd.functions[GET_MECHANISM_LIST] = (void *)get_mechanism_list;
        odd.functions[LOGIN] = (void *)login;
        odd.functions[SIGN_INIT] = (void *)sign_init;
        odd.functions[SIGN] = (void *)sign;
        odd.functions[SIGN_UPDATE] = (void *)sign_update;
    }
    *list = &odd;
    return 0;
}
