/** What the stand-in does not understand is an error of the test or of the program under test, never ignored. */
export class Misuse extends Error {}
