using System;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using Mono.Security.X509;

/// Sentences.exe JOBS: open each file with both of Mono's classes, and print the exceptions that they throw.
/// JOBS has lines of KEYSTORE, a tab and PASSWORD. A line of output: the keystore, the class, and the exceptions.
static class Sentences
{
    static void Main(string[] arguments)
    {
        foreach (string line in File.ReadAllLines(arguments[0]))
        {
            string[] job = line.Split('\t');
            Show(job[0], "PKCS12", () => PKCS12.LoadFromFile(job[0], job[1]).Keys.ToString());
            Show(job[0], "X509Certificate2", () =>
                new X509Certificate2(job[0], job[1], X509KeyStorageFlags.Exportable).HasPrivateKey.ToString());
        }
    }

    static void Show(string file, string name, Func<string> open)
    {
        try
        {
            open();
        }
        catch (Exception thrown)
        {
            string all = "";
            for (Exception cause = thrown; cause != null; cause = cause.InnerException)
            {
                all += (all == "" ? "" : " ---> ") + cause.GetType().FullName + ": " + cause.Message.Replace("\n", " ");
            }
            Console.WriteLine("{0}\t{1}\t{2}", file, name, all);
        }
    }
}
