import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/** Reads whole sources, and closes them. */
public final class SafeReader {
    private SafeReader() {}

    /**
     * The lines of a source, without their ends.
     *
     * @throws IOException when the source cannot be read
     */
    public static List<String> readLines(Reader source) throws IOException {
        BufferedReader reader = new BufferedReader(source);
        List<String> lines = new ArrayList<>();
        String line = reader.readLine();
        while (line != null) {
            lines.add(line);
            line = reader.readLine();
        }
        reader.close();
        return lines;
    }
}
