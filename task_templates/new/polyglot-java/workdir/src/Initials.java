/** Abbreviates names. */
public final class Initials {
    private Initials() {}

    /**
     * The first letters of the words of a name, in capitals.
     *
     * <p>White space stands between words.
     */
    public static String of(String name) {
        StringBuilder letters = new StringBuilder();
        for (String word : name.split(" ", -1)) {
            letters.append(Character.toUpperCase(word.charAt(0)));
        }
        return letters.toString();
    }
}
