import { Hono } from 'hono'
import { NewPlaceEntry } from '../../../contract'
import type { Services } from '../services'
import { parse } from '../answer'
import { forRater, forRaterWith, onParsed } from '../asking'
import { SubjectQuery } from '../subject-query'

/** Places that the rater who asks clicked, and of nobody else. */
export function placeRoutes({ clickedPlaces }: Services): Hono {
  const routes = new Hono()
  routes
    .get(
      '/',
      forRater((c, rater) =>
        onParsed(parse(SubjectQuery, c.req.query()), (subject) => clickedPlaces.own(rater, subject)),
      ),
    )
    .post(
      '/',
      forRaterWith(NewPlaceEntry, (rater, entry) => clickedPlaces.append(rater, entry)),
    )
  return routes
}
