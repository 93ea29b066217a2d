#include <lctem/facet_life.h>

#include <math.h>

static const double SURE_SDS = 3.0;    /* of a height against its line */
static const double SPEED_ERROR = 1.0; /* of the speed: facets are fastest when they vanish */

struct lct_facet_life_params lct_facet_life_defaults(double least_length, double smooth)
{
    return (struct lct_facet_life_params){ .least_length = least_length,
        .tired_length = 1.5 * least_length,
        .sure_length = 2.0 * least_length,
        .patience = 2.0 * smooth,
        .speed_time = smooth };
}

static bool on_line(const struct lct_facet_life *life, const struct lct_facet_sighting *s)
{
    const double wait = s->time - life->last.time, way = life->speed * wait;
    const double noise = hypot(s->height_sd, life->last.height_sd);
    return fabs(s->height - life->last.height - way) <= SURE_SDS * noise + SPEED_ERROR * fabs(way);
}

static bool is_back(
    const struct lct_facet_life *life, const struct lct_facet_life_params *p, const struct lct_facet_sighting *s)
{
    if (!life->begun || life->last.length >= p->tired_length || s->length >= p->sure_length)
        return true;
    return s->time - life->last.time <= p->patience && on_line(life, s);
}

bool lct_facet_life_follow(
    struct lct_facet_life *life, const struct lct_facet_life_params *params, const struct lct_facet_sighting *sighting)
{
    if (!(sighting->length >= params->least_length) || !is_back(life, params, sighting))
        return false;
    const double step = sighting->time - life->last.time;
    if (!life->begun || !(step <= params->patience))
        life->speed = 0.0;
    else if (step > 0.0) {
        const double share = 1.0 - exp(-step / params->speed_time);
        life->speed += share * ((sighting->height - life->last.height) / step - life->speed);
    }
    life->begun = true;
    life->last = *sighting;
    return true;
}
