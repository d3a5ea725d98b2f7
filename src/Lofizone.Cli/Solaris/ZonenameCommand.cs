using System.CommandLine;
using Lofizone.Config;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zonename</c>, as in zonename(1). This program runs in the global zone only. A zone has a script of that name.</summary>
internal static class ZonenameCommand
{
    public static RootCommand Create()
    {
        RootCommand root = new("print the name of the zone in which this command runs");
        root.SetAction(_ =>
        {
            Console.Out.WriteLine(ZoneName.Global);
            return 0;
        });
        return root;
    }
}
