/** When pictures that could not be had are worth another try: nobody answered then, and now somebody does. */
class Pictures {
  /** Counts those times: a picture that failed in an earlier round is asked for again. */
  round = $state(0);
}

export const pictures = new Pictures();
