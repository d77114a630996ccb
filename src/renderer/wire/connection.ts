import { shallowReactive } from 'vue'

/** What every answer, and every one that stays away, tells of the program behind the page. */
export const connection = shallowReactive({
  /** False from the first request that nothing answered, or that the door did not let in, to the next that was answered. */
  answers: true,
  /** How often something was refused because nobody is signed in: the session looks again at each. */
  signedOut: 0,
})
