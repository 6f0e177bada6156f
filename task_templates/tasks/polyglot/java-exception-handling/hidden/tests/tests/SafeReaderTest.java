// By name, so that no class of the same name in src/ can take their place.
import java.io.IOException;
import java.io.Reader;
import java.lang.AssertionError;
import java.lang.Exception;
import java.lang.Math;
import java.lang.Object;
import java.lang.Override;
import java.lang.String;
import java.lang.System;
import java.lang.Throwable;
import java.util.List;

/** Prints a line a check: `ok NAME`, or `FAIL NAME: reason`. */
public final class SafeReaderTest {
    private static int failed = 0;

    private SafeReaderTest() {}

    public static void main(String[] words) {
        check("reads every line", SafeReaderTest::readsEveryLine);
        check("closes after the last line", SafeReaderTest::closesAfterTheLastLine);
        check("passes an error on", SafeReaderTest::passesAnErrorOn);
        check("closes after an error", SafeReaderTest::closesAfterAnError);
        System.exit(failed == 0 ? 0 : 1);
    }

    private static void readsEveryLine() throws Exception {
        expect(List.of("one", "", "three"), SafeReader.readLines(new Source("one\n\nthree\n", false)));
        expect(List.of(), SafeReader.readLines(new Source("", false)));
        expect(List.of("no end"), SafeReader.readLines(new Source("no end", false)));
    }

    private static void closesAfterTheLastLine() throws Exception {
        Source source = new Source("one\ntwo\n", false);
        SafeReader.readLines(source);
        expect(true, source.closed);
    }

    private static void passesAnErrorOn() {
        Source source = new Source("one\ntwo\n", true);
        expect("the source is broken", errorOf(source));
    }

    private static void closesAfterAnError() {
        Source source = new Source("one\ntwo\n", true);
        errorOf(source);
        expect(true, source.closed);
    }

    private static String errorOf(Source source) {
        try {
            SafeReader.readLines(source);
        } catch (IOException error) {
            return error.getMessage();
        }
        return "no error";
    }

    private static void expect(Object expected, Object got) {
        if (!expected.equals(got)) {
            throw new AssertionError("expected " + expected + ", got " + got);
        }
    }

    private static void check(String name, Check check) {
        try {
            check.run();
            System.out.println("ok " + name);
        } catch (Throwable error) {
            failed++;
            System.out.println("FAIL " + name + ": " + error.getMessage());
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    /** A text that knows whether it was closed, and that may break off with an error. */
    private static final class Source extends Reader {
        private final String text;
        private final boolean breaks;
        private int at = 0;
        private boolean closed = false;

        Source(String text, boolean breaks) {
            this.text = text;
            this.breaks = breaks;
        }

        @Override
        public int read(char[] into, int from, int length) throws IOException {
            int count = Math.min(length, text.length() - at);
            if (count > 0) {
                text.getChars(at, at + count, into, from);
                at += count;
                return count;
            }
            if (breaks) {
                throw new IOException("the source is broken");
            }
            return -1;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
