/* Apart from the routes of the management API, since those of the edge go by the same name. */
#include "control/debugger.h"
#include "control/effect.h"
#include "directory/directory.h"
#include "directory/stage.h"
#include "directory/users.h"

#include <stdlib.h>

/* What a look at the edge needs, and lets go in the end. */
struct look {
    struct edge_reader *reader;
    struct jwt_memory *tokens;
};

/* The publication that would answer, or NULL. */
static enum edge_result find_publication(struct call *call, const struct edge_view *view, struct diagnosis_question *question)
{
    struct route *route = arena_take(&call->arena, sizeof *route);
    const struct http_request *request = question->request;
    struct route_query query = {.host = http_field_value(request, BYTES("host")), .method = request->method, .path = request->path};
    if (route == NULL) return EDGE_FAULT;
    if (!stage_of(request, &query.stage)) return EDGE_NOTHING;
    enum edge_result result = edge_route(view, &query, route);
    return result == EDGE_OK ? edge_publication(view, route->api_id, route->environment_id, &question->publication) : result;
}

/* All that is found borrows from the edge, so the answer is made before that is let go. */
static bool ask(struct call *call, struct edge_view *view, struct diagnosis_question *question, struct debugged *debugged, json_t **answer)
{
    struct users users;
    if (find_publication(call, view, question) == EDGE_FAULT) return call_fault(call, "the edge cannot be read");
    bool of_users = question->publication != NULL && question->publication->plan.auth_type == AUTH_TYPE_IAM;
    const struct directory directory = of_users ? users_over(&users, view, question->request) : directory_over(view);
    question->directory = &directory;
    if (!diagnose(question, &call->arena, debugged->diagnosis)) return call_fault(call, "a request could not be explained");
    if (question->publication != NULL) {
        debugged->api_id = question->publication->api_id;
        debugged->api_name = question->publication->api_name;
        debugged->environment = question->publication->environment_name;
    }
    *answer = debugger_answer(call, debugged);
    return *answer != NULL || call_fault(call, "no memory for the answer");
}

static bool begin(struct call *call, struct look *look)
{
    char problem[256];
    look->reader = effect_reader(call->daemon, problem);
    look->tokens = calloc(1, sizeof *look->tokens);
    bool begun = look->reader != NULL && look->tokens != NULL && edge_begin(look->reader) == EDGE_OK;
    return begun || call_fault(call, "the edge cannot be read, or there is no memory");
}

static void end(struct look *look)
{
    edge_reader_close(look->reader);
    if (look->tokens != NULL) jwt_memory_destroy(look->tokens);
    free(look->tokens);
}

bool debugger_ask_edge(struct call *call, struct diagnosis_question *question, struct debugged *debugged, json_t **answer)
{
    struct look look = {0};
    bool done = begin(call, &look);
    if (done) {
        struct edge_view view = {look.reader, call->instance_id};
        question->tokens = look.tokens;
        done = ask(call, &view, question, debugged, answer);
    }
    end(&look);
    return done;
}
