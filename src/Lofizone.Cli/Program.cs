using Lofizone.Cli;

if (HiddenVerbs.Find(args) is { } role)
    return await role(args[1..]);
(string program, string[] arguments) = Personality.Of(Environment.GetCommandLineArgs()[0], args);
return await Personality.RunAsync(program, arguments);
