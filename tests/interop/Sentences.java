import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.util.Collections;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Open each file of a list with Java's own software and with BouncyCastle's, and print what they throw.
 *
 * The argument is a file with lines of KEYSTORE, a tab and PASSWORD. A line of output: the keystore, the software and
 * the exception with its causes, as a log has them, without the stack.
 */
public class Sentences {
    private static final String[][] SOFTWARE = {
        {"PKCS12", "SUN"}, {"JKS", "SUN"}, {"JCEKS", "SunJCE"}, {"PKCS12", "BC"},
    };

    public static void main(String[] arguments) throws Exception {
        for (String[] software : SOFTWARE) {
            if (software[1].equals("BC")) {
                Security.addProvider(new BouncyCastleProvider());
            }
            for (String line : Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
                String[] job = line.split("\t");
                try {
                    open(software, job[0], job[1].toCharArray());
                } catch (Exception | Error thrown) {
                    System.out.println(job[0] + "\t" + String.join(" ", software) + "\t" + chain(thrown));
                }
            }
        }
    }

    private static void open(String[] software, String file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(software[0], software[1]);
        store.load(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))), password);
        for (String alias : Collections.list(store.aliases())) {
            store.getKey(alias, password);
        }
    }

    private static String chain(Throwable thrown) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            all.append(all.length() == 0 ? "" : " Caused by: ").append(cause);
        }
        return all.toString().replaceAll("\\s+", " ");
    }
}
