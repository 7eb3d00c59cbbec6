/* A PKCS#11 module that is SoftHSM in a socket: while the file SCEAU_PULLED exists, the token is pulled out. Then no slot has a
 * token, calls under way and later ones end with CKR_DEVICE_REMOVED, and all sessions are gone with the login, also afterwards. Built
 * with cc when it is needed; SCEAU_SOCKET_MODULE names the real module. PKCS#11 v2.40 section 5.1: the function list is a version and
 * 68 pointers in a fixed order. */
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GET_FUNCTION_LIST = 3, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, OPEN_SESSION = 12, CLOSE_ALL_SESSIONS = 14,
       GET_SESSION_INFO = 15, LOGIN = 18, FIND_OBJECTS_INIT = 26, SIGN_INIT = 42, SIGN = 43, FUNCTIONS = 68 };
#define CKR_GENERAL_ERROR 5UL
#define CKR_DEVICE_REMOVED 0x32UL

typedef unsigned long ulong_t, (*any_function)();
struct function_list {
    unsigned char version[2];
    any_function functions[FUNCTIONS];
};

static struct function_list shown, real;
static const char *pulled_file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int was_pulled, slot_known;
static ulong_t slot;

/* Whether the token is out. Whoever sees it first ends the sessions. */
static int pulled(void)
{
    int now = access(pulled_file, F_OK) == 0;
    pthread_mutex_lock(&lock);
    if (now && !was_pulled && slot_known)
        real.functions[CLOSE_ALL_SESSIONS](slot);
    was_pulled = now;
    pthread_mutex_unlock(&lock);
    return now;
}

static ulong_t get_slot_list(unsigned char present, ulong_t *list, ulong_t *count)
{
    if (!pulled() || !present)
        return real.functions[GET_SLOT_LIST](present, list, count);
    *count = 0;
    return 0;
}

static ulong_t open_session(ulong_t id, ulong_t flags, void *application, void *notify, ulong_t *session)
{
    if (pulled())
        return CKR_DEVICE_REMOVED;
    pthread_mutex_lock(&lock);
    slot = id;
    slot_known = 1;
    pthread_mutex_unlock(&lock);
    return real.functions[OPEN_SESSION](id, flags, application, notify, session);
}

static ulong_t get_token_info(ulong_t id, void *info)
{
    return pulled() ? CKR_DEVICE_REMOVED : real.functions[GET_TOKEN_INFO](id, info);
}

static ulong_t get_session_info(ulong_t session, void *info)
{
    return pulled() ? CKR_DEVICE_REMOVED : real.functions[GET_SESSION_INFO](session, info);
}

static ulong_t login(ulong_t session, ulong_t user, void *pin, ulong_t length)
{
    return pulled() ? CKR_DEVICE_REMOVED : real.functions[LOGIN](session, user, pin, length);
}

static ulong_t find_objects_init(ulong_t session, void *template, ulong_t count)
{
    return pulled() ? CKR_DEVICE_REMOVED : real.functions[FIND_OBJECTS_INIT](session, template, count);
}

static ulong_t sign_init(ulong_t session, void *mechanism, ulong_t key)
{
    return pulled() ? CKR_DEVICE_REMOVED : real.functions[SIGN_INIT](session, mechanism, key);
}

static ulong_t sign(ulong_t session, void *data, ulong_t length, void *signature, ulong_t *signature_length)
{
    ulong_t result = real.functions[SIGN](session, data, length, signature, signature_length);

    return pulled() ? CKR_DEVICE_REMOVED : result;
}

ulong_t C_GetFunctionList(struct function_list **list)
{
    const char *module = getenv("SCEAU_SOCKET_MODULE");
    void *library = module ? dlopen(module, RTLD_NOW | RTLD_LOCAL) : NULL;
    any_function real_list = library ? (any_function)dlsym(library, "C_GetFunctionList") : NULL;
    struct function_list *functions;

    pulled_file = getenv("SCEAU_PULLED");
    if (!real_list || !pulled_file || real_list(&functions))
        return CKR_GENERAL_ERROR;
    memcpy(&real, functions, sizeof real);
    shown = real;
    shown.functions[GET_FUNCTION_LIST] = (any_function)C_GetFunctionList;
    shown.functions[GET_SLOT_LIST] = (any_function)get_slot_list;
    shown.functions[GET_TOKEN_INFO] = (any_function)get_token_info;
    shown.functions[OPEN_SESSION] = (any_function)open_session;
    shown.functions[GET_SESSION_INFO] = (any_function)get_session_info;
    shown.functions[LOGIN] = (any_function)login;
    shown.functions[FIND_OBJECTS_INIT] = (any_function)find_objects_init;
    shown.functions[SIGN_INIT] = (any_function)sign_init;
    shown.functions[SIGN] = (any_function)sign;
    *list = &shown;
    return 0;
}
