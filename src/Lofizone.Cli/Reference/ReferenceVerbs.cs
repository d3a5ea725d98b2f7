using Lofizone.Cli.Output;
using Lofizone.Zones;

namespace Lofizone.Cli.Reference;

/// <summary>Verbs for the shells' completion and the build.</summary>
internal static class ReferenceVerbs
{
    public const string CompleteVerb = "complete";

    public const string ManVerb = "man";

    /// <c>zone complete PROGRAM WORD...</c>: prints one line for each word that may stand in the last word's place, with the meaning behind
    /// a tab.
    public static Task<int> CompleteAsync(string[] arguments) => Failure.GuardAsync("zone complete", debug: false, () =>
    {
        HostWords words = new(ZoneHost.FromEnvironment());
        foreach (Candidate candidate in new Completer(words.For).Complete(arguments.FirstOrDefault() ?? "", arguments[1..]))
            Console.WriteLine($"{candidate.Word}\t{candidate.Meaning}");
        return Task.FromResult(0);
    });

    /// <c>zone man TEMPLATE</c>: prints the manual page of a written template.
    public static Task<int> ManAsync(string[] arguments) => Failure.GuardAsync("zone man", debug: false, async () =>
    {
        if (arguments is not [var template])
            throw new LofizoneException("man: name one template", "zone man packaging/man/zone.8.in");
        await Console.Out.WriteAsync(ManPage.Fill(Path.GetFileName(template).Split('.')[0], await File.ReadAllTextAsync(template)));
        return 0;
    });
}
