using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install.State;

/// <summary>
/// debconf's databases with the questions and answers of the copied packages only. The database for passwords is made empty.
/// </summary>
internal static class Debconf
{
    private const string Cache = "/var/cache/debconf";

    public static void Make(SourceTree source, TargetTree target, IReadOnlySet<string> packages)
    {
        List<ControlParagraph> questions = [.. Read(source, "config.dat").Where(p => Owners(p).Any(packages.Contains))];
        HashSet<string> names = [.. questions.Select(q => q["Name"] ?? "")];
        // A template's owners are the questions that use the template.
        List<ControlParagraph> templates = [.. Read(source, "templates.dat").Where(p => Owners(p).Any(names.Contains))];
        target.WriteText(Cache + "/config.dat", Join(questions));
        target.WriteText(Cache + "/templates.dat", Join(templates));
        target.WriteText(Cache + "/passwords.dat", "", 0x180);
    }

    private static IEnumerable<ControlParagraph> Read(SourceTree source, string name) =>
        ControlParagraph.Split(source.ReadText($"{Cache}/{name}") ?? "");

    private static string[] Owners(ControlParagraph paragraph) =>
        (paragraph["Owners"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Join(IEnumerable<ControlParagraph> paragraphs) => string.Concat(paragraphs.Select(p => p.Text + "\n\n"));
}
