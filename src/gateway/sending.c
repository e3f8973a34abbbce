#include "gateway/sending.h"

#define SMALL 2048 /* bytes: copying more costs what it saves */

/* Copies what waits into one piece. False: too much, or not in memory. */
static bool gather(const ngx_chain_t *in, struct buffer *piece)
{
    for (; in != NULL; in = in->next) {
        if (ngx_buf_special(in->buf)) continue;
        if (!ngx_buf_in_memory(in->buf)) return false;
        buffer_add(piece, bytes_of(in->buf->pos, (size_t)(in->buf->last - in->buf->pos)));
        if (piece->overflow) return false;
    }
    return piece->length > 0;
}

/* ngx_connection_t.send_chain: what is left to send, NGX_CHAIN_ERROR when the connection is broken. */
static ngx_chain_t *send_in_one_piece(ngx_connection_t *c, ngx_chain_t *in, off_t limit)
{
    uint8_t memory[SMALL];
    struct buffer piece = buffer_over(memory, sizeof memory);
    bool limited = limit != 0 && limit < SMALL;
    if (limited || !c->write->ready || !gather(in, &piece)) return ngx_send_chain(c, in, limit);
    ssize_t sent = c->send(c, piece.data, piece.length);
    if (sent == NGX_ERROR) return NGX_CHAIN_ERROR;
    return sent == NGX_AGAIN ? in : ngx_chain_update_sent(in, sent);
}

void sending_in_one_piece(ngx_connection_t *c)
{
    if (c->send_chain == ngx_send_chain) c->send_chain = send_in_one_piece;
}
