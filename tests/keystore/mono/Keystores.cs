using System;
using System.IO;
using Mono.Security.X509;

/// Keystores.exe PASSWORD-FILE KEYSTORE...: for each file the number of private keys, or why it was not opened.
static class Keystores
{
    static int Main(string[] arguments)
    {
        string password = File.ReadAllText(arguments[0]).TrimEnd('\n');
        for (int place = 1; place < arguments.Length; place++)
        {
            string answer;
            try
            {
                answer = PKCS12.LoadFromFile(arguments[place], password).Keys.Count.ToString();
            }
            catch (Exception error)
            {
                answer = error.GetType().Name + ": " + error.Message;
            }
            Console.WriteLine("{0}\t{1}", arguments[place], answer);
        }
        return 0;
    }
}
