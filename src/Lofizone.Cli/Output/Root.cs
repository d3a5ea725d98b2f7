namespace Lofizone.Cli.Output;

/// <summary>Refuses users other than root before any work begins. Mounts, loop devices and containers need root.</summary>
internal static class Root
{
    public static void Require(string what)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new LofizoneException($"{what}: must be root", "run it as root, for example with sudo");
    }
}
