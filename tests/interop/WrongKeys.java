import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.Map;
import java.util.TreeMap;

/** Say everything that Java says of a wrong password of a key, each once with how often it did. */
public class WrongKeys {
    /** Arguments: the file, its password, how many passwords to try. */
    public static void main(String[] arguments) throws Exception {
        KeyStore keystore = KeyStore.getInstance("PKCS12");
        try (InputStream file = new FileInputStream(arguments[0])) {
            keystore.load(file, arguments[1].toCharArray());
        }
        String alias = keystore.aliases().nextElement();
        Map<String, Integer> found = new TreeMap<>();
        for (int number = 0; number < Integer.parseInt(arguments[2]); number++) {
            try {
                keystore.getKey(alias, ("wrong " + number).toCharArray());
            } catch (UnrecoverableKeyException error) {
                found.merge(error.toString(), 1, Integer::sum);
            }
        }
        found.forEach((message, count) -> System.out.println(count + "\t" + message));
    }
}
