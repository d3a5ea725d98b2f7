using Lofizone.Cli.Output;
using Lofizone.Zones;

namespace Lofizone.Cli.Reference;

/// <summary>What the shells' completion and the build ask for.</summary>
internal static class ReferenceVerbs
{
    public const string CompleteVerb = "complete";

    public const string ManVerb = "man";

    /// <summary>
    /// <c>zone complete PROGRAM WORD...</c>: a line for each word that may stand in the last one's place, with what it means behind a tab.
    /// </summary>
    public static Task<int> CompleteAsync(string[] arguments) => Failure.GuardAsync("zone complete", debug: false, () =>
    {
        HostWords words = new(ZoneHost.FromEnvironment());
        foreach (Candidate candidate in new Completer(words.For).Complete(arguments.FirstOrDefault() ?? "", arguments[1..]))
            Console.WriteLine($"{candidate.Word}\t{candidate.Meaning}");
        return Task.FromResult(0);
    });

    /// <summary><c>zone man TEMPLATE</c>: the manual page of which the file is the part that people write.</summary>
    public static Task<int> ManAsync(string[] arguments) => Failure.GuardAsync("zone man", debug: false, async () =>
    {
        if (arguments is not [var template])
            throw new LofizoneException("man: name one template", "zone man packaging/man/zone.8.in");
        await Console.Out.WriteAsync(ManPage.Fill(Path.GetFileName(template).Split('.')[0], await File.ReadAllTextAsync(template)));
        return 0;
    });
}
